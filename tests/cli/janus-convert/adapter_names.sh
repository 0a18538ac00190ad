# An adapter of its own folder, by the names that it has in transformers' Janus, in DeepSeek's, and in the language model
# of either; then one that lacks a layer, and what it cannot be merged into.
janus-init --preset nano --seed 3 --out p --quiet
mkdir a
echo '{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"]}' > a/adapter_config.json
pairs() {  # PREFIX LAYERS
  python3 - "$@" <<'P'
import array, json, struct, sys
prefix, layers = sys.argv[1], int(sys.argv[2])
header, data = {}, b""
for layer in range(layers):
    for half, shape in (("A", [2, 192]), ("B", [192, 2])):
        values = array.array("f", [0.01 * (layer + 1)] * 384).tobytes()
        name = f"{prefix}layers.{layer}.self_attn.q_proj.lora_{half}.weight"
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open("a/adapter_model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
P
}
for prefix in model.language_model. language_model.model. model.; do
  pairs base_model.model.$prefix 4
  janus-convert --policy p --merge-lora --adapter a --out of-$prefix
  cmp of-model.language_model./model.safetensors of-$prefix/model.safetensors && echo same weights
done
cmp -s p/model.safetensors of-model./model.safetensors || echo others than without
pairs base_model.model.model. 3
janus-convert --policy p --merge-lora --adapter a --out q; echo "exit $?"
pairs decoder. 1
janus-convert --policy p --merge-lora --adapter a --out q; echo "exit $?"
janus-convert --policy a --out q; echo "exit $?"
janus-convert --policy p --merge-lora --adapter p --out q; echo "exit $?"
janus-convert --policy p --adapter a --out q; echo "exit $?"
cp a/* p
janus-convert --policy p --merge-lora --adapter a --out q; echo "exit $?"
[[ -e q ]] || echo nothing was written
