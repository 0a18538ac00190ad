source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c '.reward = 1' scored.jsonl; } | step
