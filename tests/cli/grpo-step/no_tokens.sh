source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c 'del(.tokens)' scored.jsonl; } | step
