# An annotation that no visit could be made of is a bad record, found before the run starts.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
long=$(printf 'a red circle at the top left. %.0s' {1..60})
jq -c --arg long "$long" 'if input_line_number == 1 then .detailed_caption = $long else . end' b.jsonl > c.jsonl
cot-sft --policy p --out q --steps 2 --batch 2 --max-length 200 < c.jsonl
echo "exit $?"
cot-sft --policy p --out q --steps 2 --batch 2 --max-length 200 --max-bad 1 < c.jsonl | jq -c .step
