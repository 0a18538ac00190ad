source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ head -c 700 scored.jsonl; } | step
