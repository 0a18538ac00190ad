# What needs too much is refused before anything is loaded, with what would make it fit.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out q --steps 1 --batch 2 --max-memory 200M < b.jsonl
cot-sft --policy p --out q --steps 1 --batch 2 --max-memory 30M < b.jsonl
cot-sft --policy p --out q --steps 1 --batch 2 --stochastic-rounding < b.jsonl
[[ -e q ]] || echo nothing was written
