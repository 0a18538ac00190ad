# A group whose rewards are all equal says something of KL.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
cp -r p reference
jq -c '.reward = .index % 2' scored.jsonl | grpo-step --policy p --lr 1e-3 --quiet > /dev/null
echo 'a red circle' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --out more --quiet | jq -c '.reward = 1' > equal.jsonl
grpo-step --policy p --reference reference --kl-weight 0.1 --lr 1e-3 --quiet < equal.jsonl
grpo-step --policy p --reference reference --kl-weight 0.1 --lr 1e-3 --equal-rewards keep --quiet < equal.jsonl |
  jq -c '[.groups_kept, .groups_dropped, .policy_loss, .kl > 0, .grad_norm > 0]'
grpo-step --policy p --batch 1 --refill 2 --equal-rewards keep < equal.jsonl
