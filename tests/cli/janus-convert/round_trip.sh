# To DeepSeek's layout and back: every tensor has the bytes it had, and the policy is the same policy.
janus-init --preset nano --seed 3 --out p --quiet
janus-convert --policy p --to deepseek --out d
janus-convert --policy d --to transformers --out q
cmp p/model.safetensors q/model.safetensors && echo same weights
cmp p/config.json q/config.json && echo same config
jq -r .model_type d/config.json
shard-cat d/model.safetensors | grep -c -E 'attn.qkv|gen_vision_model'
echo 'a red circle' | sample-group --text --policy p --mode direct --no-images --out a --quiet > /dev/null
echo 'a red circle' | sample-group --text --policy d --mode direct --no-images --out b --quiet > /dev/null
cmp <(shard-cat a/*.zst --tensor image_tokens --json) <(shard-cat b/*.zst --tensor image_tokens --json) && echo same pictures
