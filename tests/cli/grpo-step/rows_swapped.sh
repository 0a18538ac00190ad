# Rewards would go to each other's tokens. A record without the digest is taken at its word.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
jq -c '.tokens.row = 3 - .tokens.row' scored.jsonl | step
jq -c '.tokens.row = 3 - .tokens.row | del(.tokens.digest)' scored.jsonl | step --quiet > metrics
grep changed metrics
