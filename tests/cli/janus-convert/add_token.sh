# GoT's four tokens are there once; a new one has the next id, and encodes as one.
janus-init --preset nano --out p --quiet
rows=$(jq .text_config.vocab_size p/config.json)
janus-convert --policy p --to transformers --add-token got --add-token '<|plan|>' --out q
jq -c '.added_tokens[-1] | {content, special, normalized}' q/tokenizer.json
jq -c '.command[5:9]' q/manifest.json
echo '{"id":"a","prompt":"x"}' | sample-group --policy q --group 1 --template '{}<|plan|>' --chat none --max-cot 0 --no-images --out r --quiet > /dev/null
shard-cat r/*.zst --tensor prompt_ids --json | jq -c --argjson id "$(jq '.added_tokens[-1].id' q/tokenizer.json)" '.[-1] == $id'
args=(); for ((i = 0; i <= rows; ++i)); do args+=(--add-token "<|t$i|>"); done
janus-convert --policy p --to transformers "${args[@]}" --out full; echo "exit $?"
[[ -e full ]] || echo "nothing was written"
