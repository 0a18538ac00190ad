source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ cat scored.jsonl scored.jsonl | head -n 7 | tail -n 5 | sed 3d; head -n 1 scored.jsonl; } | step
