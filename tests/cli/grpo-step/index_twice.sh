source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
sum=$(sha256sum p/model.safetensors)
{ cat scored.jsonl scored.jsonl | head -n 7 | tail -n 5 | sed 3d; head -n 1 scored.jsonl; } | grpo-step --policy p --lr 1e-4
code=$?
[[ $(sha256sum p/model.safetensors) == "$sum" ]] || echo "the policy changed"
exit $code
