source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out q --steps 2 --batch 2 < b.jsonl > /dev/null
cot-sft --policy p --out q --steps 3 --batch 2 < b.jsonl
