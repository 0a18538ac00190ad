source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c '.sampling.cfg_weight = 5' scored.jsonl; } | step
