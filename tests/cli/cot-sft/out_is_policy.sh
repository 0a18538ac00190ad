# A run that is killed starts again from the policy that --policy names: it must not be written over.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out ./p --steps 1 --input b.jsonl
