# A checkpoint without a tokenizer converts as it is; nothing can be added to what is not there.
janus-init --preset nano --seed 3 --out p --quiet
rm p/tokenizer.json p/tokenizer_config.json p/special_tokens_map.json
janus-convert --policy p --to deepseek --out d
janus-convert --policy d --to transformers --out q
cmp p/model.safetensors q/model.safetensors && echo same weights
cmp p/generation_config.json q/generation_config.json && echo same ids
ls q
janus-convert --policy p --to deepseek --add-token got --out e
