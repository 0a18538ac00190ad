# What ends an answer is what generation_config.json says, a list of tokens too.
janus-init --preset nano --seed 3 --out p --quiet
shapes-world scenes --count 1 --seed 3 --out s > scenes.jsonl
first=$(janus-answer --policy p --ask 'What is this?' --max-tokens 8 < scenes.jsonl | jq -r .answer)
second=$(printf '%s' "$first" | head -c 12)
jq --argjson id "$(jq '.model.vocab | to_entries | map(select(.value < 256 and .value > 32)) | [.[].value]' p/tokenizer.json)" '.eos_token_id = [.eos_token_id] + $id' p/generation_config.json > g.json && cp g.json p/generation_config.json
janus-answer --policy p --ask 'What is this?' --max-tokens 8 < scenes.jsonl | jq -c '.answer_finish'
