source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
jq -c '.group_size = 1000000000000' scored.jsonl | step --quiet
