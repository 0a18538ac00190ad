source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ head -n 3 scored.jsonl; } | step
