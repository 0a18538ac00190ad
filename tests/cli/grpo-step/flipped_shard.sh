source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
shard=run/rollouts-000000.safetensors.zst
printf '\x5a' | dd of=$shard bs=1 seek=$(($(stat -c %s $shard) / 2)) conv=notrunc status=none
grpo-step --policy p --lr 1e-4 < scored.jsonl
