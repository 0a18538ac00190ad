# An epoch leaves no annotation out.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
n=$(wc -l < b.jsonl)
cot-sft --policy p --out q --epochs 1 --batch $((n - 1)) --input b.jsonl --threads 1 --quiet | wc -l
