# Chains longer than usual count in what a run needs, before it starts.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
cot-sft --policy p --out q --steps 1 --batch 2 --microbatch-tokens 1 --max-memory 60M --quiet < b.jsonl > /dev/null && echo 'it fits'
jq -c '.detailed_caption = ([range(300)] | map("a red circle") | join(" "))' b.jsonl > long.jsonl
cot-sft --policy p --out r --steps 1 --batch 2 --microbatch-tokens 1 --max-length 4000 --max-memory 60M < long.jsonl; echo "exit $?"
