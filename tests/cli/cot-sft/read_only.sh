source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out /proc/q --steps 1 --batch 2 < b.jsonl > /dev/null
