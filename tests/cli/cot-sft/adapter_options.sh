# Options that an adapter, or none, makes meaningless.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out q --steps 1 --lora-rank 4 --weights-dtype bfloat16 < b.jsonl; echo "exit $?"
cot-sft --policy p --out q --steps 1 --lora-target q_proj < b.jsonl; echo "exit $?"
[[ -e q ]] || echo nothing was written
