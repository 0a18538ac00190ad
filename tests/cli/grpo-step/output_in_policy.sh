# It would be gone with the version whose metrics it has.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
step --output p/../p/metrics.jsonl < scored.jsonl
