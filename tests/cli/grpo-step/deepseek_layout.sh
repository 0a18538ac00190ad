# DeepSeek's config has no ids: after a step the policy has its tokenizer's, and is read again, guided too. So is one whose
# generation_config.json has -1 for them, or a list.
janus-init --preset nano --out q --quiet
janus-convert --policy q --to deepseek --out p
rm p/generation_config.json
draw() { echo 'a red circle' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --quiet "$@"; }
draw --out run | jq -c '.reward = .index % 2' | grpo-step --policy p --lr 1e-4 --quiet | jq -c .step
jq -r .model_type p/config.json
cmp p/generation_config.json q/generation_config.json && echo same ids
cmp <(jq '.image_token_id' p/config.json) <(jq '.image_token_id' q/config.json) && echo same placeholder
draw --out guided --cfg-weight 5 > guided.jsonl
policy-logprobs --policy p --cfg-weight 5 --out probs --quiet < guided.jsonl > expected.jsonl
jq '.pad_token_id = -1 | .bos_token_id = null | .eos_token_id = [257, 3]' q/generation_config.json > p/generation_config.json
policy-logprobs --policy p --cfg-weight 5 --out again --quiet < guided.jsonl > got.jsonl
cmp <(shard-cat probs/*.zst --tensor image_logprobs --json) <(shard-cat again/*.zst --tensor image_logprobs --json) && echo same log-probs
