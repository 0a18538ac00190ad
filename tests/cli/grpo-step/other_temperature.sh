source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c '.sampling.temperature = 0.5' scored.jsonl; } | step
