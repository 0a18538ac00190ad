# A record without a detailed caption cannot be a document; chains and documents exclude each other.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
jq -c 'if input_line_number == 1 then .detailed_caption = "" else . end' b.jsonl > c.jsonl
cot-sft --policy p --out q --mode direct --documents 0.5 --steps 2 --batch 2 < c.jsonl
echo "exit $?"
cot-sft --policy p --out q --documents 0.5 --steps 2 --batch 2 < c.jsonl
echo "exit $?"
cot-sft --policy p --out q --mode direct --documents 0.5 --steps 2 --batch 2 < b.jsonl | jq -c .step
