python3 - <<'P'
import json, struct
h = json.dumps({"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "y": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]}}).encode()
open("overlap.safetensors", "wb").write(struct.pack("<Q", len(h)) + h + b"\0" * 24)
P
shard-cat overlap.safetensors
