# A text head that the config does not tie is missing; one that it ties is not.
janus-init --preset nano --seed 3 --out p --quiet
python3 - <<'P'
import json, struct
raw = open("p/model.safetensors", "rb").read()
size = struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8 : 8 + size])
kept, data = {}, b""
for name, entry in header.items():
    if name == "lm_head.weight":
        continue
    if name != "__metadata__":
        begin, end = entry["data_offsets"]
        entry["data_offsets"] = [len(data), len(data) + end - begin]
        data += raw[8 + size + begin : 8 + size + end]
    kept[name] = entry
text = json.dumps(kept).encode()
text += b" " * (-len(text) % 8)
open("p/model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
P
janus-convert --policy p --to transformers --out q; echo "exit $?"
jq '.tie_word_embeddings = true' p/config.json > c && mv c p/config.json
janus-convert --policy p --to transformers --out q
jq .tie_word_embeddings q/config.json
