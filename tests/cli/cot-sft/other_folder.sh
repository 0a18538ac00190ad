# A folder that holds something else is not replaced.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
mkdir mine && echo precious > mine/notes
cot-sft --policy p --out mine --steps 2 --batch 2 < b.jsonl
code=$?
cat mine/notes
exit $code
