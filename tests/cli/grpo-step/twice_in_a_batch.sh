# The same rollouts twice would count twice.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
cat scored.jsonl scored.jsonl | step --quiet
