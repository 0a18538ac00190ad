# float64 is printed as such; a type that nothing computes with is listed, and only asking for its values is an error.
python3 - <<'P'
import json, struct
h = json.dumps({"x": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]},
                "u": {"dtype": "U16", "shape": [3], "data_offsets": [16, 22]},
                "f": {"dtype": "F8_E4M3", "shape": [2, 2], "data_offsets": [22, 26]}}).encode()
open("odd.safetensors", "wb").write(struct.pack("<Q", len(h)) + h + struct.pack("<2d3H4B", 1e300, 0.1, 1, 2, 3, 4, 5, 6, 7))
P
shard-cat odd.safetensors
shard-cat odd.safetensors --json | jq -c '.tensors | map_values([.dtype, .shape, .bytes])'
shard-cat odd.safetensors --tensor x --json
shard-cat odd.safetensors --tensor u; echo "exit $?"
shard-cat odd.safetensors --rows 0:1; echo "exit $?"
