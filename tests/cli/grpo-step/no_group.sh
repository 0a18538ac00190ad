source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
for field in group_id group_size index policy_version finish; do
  jq -c "del(.$field)" scored.jsonl | step
done
