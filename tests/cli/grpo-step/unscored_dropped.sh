# A group with an unscored rollout counts to the batch and is not trained on.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ jq -c 'if .index == 2 then .reward = null else . end' scored.jsonl; } | grpo-step --policy p --lr 1e-4 --on-unscored drop-group --on-empty skip
jq .policy_version p/easel.json
