janus-init --preset nano --seed 3 --out p --quiet
rm p/model.safetensors
echo '{"weight_map": {"lm_head.weight": "pytorch_model-00001-of-00002.bin"}}' > p/pytorch_model.bin.index.json
janus-convert --policy p --to deepseek --out d
