source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ sed 's/"reward":1/"reward":NaN/' scored.jsonl; } | step
