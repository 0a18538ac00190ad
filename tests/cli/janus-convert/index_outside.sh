# An index that names a file outside its folder.
janus-init --preset nano --seed 3 --out p --quiet
mv p/model.safetensors elsewhere.safetensors
echo '{"weight_map": {"lm_head.weight": "../elsewhere.safetensors"}}' > p/model.safetensors.index.json
janus-convert --policy p --to deepseek --out d
