source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c 'if .index == 2 then .reward = null else . end' scored.jsonl; } | step
