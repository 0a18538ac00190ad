# Chains with boxes need their tokens.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
jq -c 'def box: test("obj_|box_"); .added_tokens |= map(select(.content | box | not)) | .model.vocab |= with_entries(select(.key | box | not))' p/tokenizer.json > t.json && mv t.json p/tokenizer.json
cot-sft --policy p --chain got --steps 1 --out q --quiet < b.jsonl
