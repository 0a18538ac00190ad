source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
sum=$(sha256sum p/model.safetensors)
{ sed 's/"reward":1/"reward":NaN/' scored.jsonl; } | grpo-step --policy p --lr 1e-4
code=$?
[[ $(sha256sum p/model.safetensors) == "$sum" ]] || echo "the policy changed"
exit $code
