source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c '.policy_version = 7' scored.jsonl; } | step
