source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
sum=$(sha256sum p/model.safetensors)
{ jq -c 'if .index == 2 then .reward = null else . end' scored.jsonl; } | grpo-step --policy p --lr 1e-4
code=$?
[[ $(sha256sum p/model.safetensors) == "$sum" ]] || echo "the policy changed"
exit $code
