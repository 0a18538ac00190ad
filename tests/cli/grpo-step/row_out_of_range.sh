source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c '.tokens.row = 99' scored.jsonl; } | step
