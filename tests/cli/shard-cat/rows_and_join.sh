janus-init --preset nano --out p --quiet
printf 'a\nb\nc\n' | sample-group --text --policy p --group 2 --max-cot 5 --no-images --out run > /dev/null
f=run/rollouts-000000.safetensors.zst
shard-cat $f $f --out two.safetensors
shard-cat two.safetensors --tensor cot_ids --json | sed -n 7,12p | cmp - <(shard-cat $f --tensor cot_ids --json) && echo same
shard-cat two.safetensors --out part.safetensors.zst --rows 6:8
shard-cat part.safetensors.zst --tensor image_tokens | cmp - <(shard-cat $f --tensor image_tokens --rows :2) && echo same
shard-cat $f --json | jq -c '.tensors | keys'
