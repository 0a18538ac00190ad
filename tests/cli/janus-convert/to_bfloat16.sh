janus-init --preset nano --seed 3 --out p --quiet
janus-convert --policy p --to transformers --dtype bfloat16 --out b
jq -r .dtype b/config.json
shard-cat b/model.safetensors | awk 'NR > 1 { print $2 }' | sort | uniq -c | awk '{ print $2 }'
