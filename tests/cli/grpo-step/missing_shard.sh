source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ sed 's/rollouts-000000/rollouts-000009/' scored.jsonl; } | step
