source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
truncate -s 200 run/rollouts-000000.safetensors.zst
grpo-step --policy p --lr 1e-4 < scored.jsonl
