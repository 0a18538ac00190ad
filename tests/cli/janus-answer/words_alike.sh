# Two words whose first token is the same (a space, of this tokenizer) cannot be told apart by it: said, not answered with a half.
janus-init --preset nano --seed 3 --out p --quiet
ask() { echo '{"id":"a","question":"is it?"}' | janus-answer --policy "$1" --words yes --words no --max-tokens 2 | jq -c '.word_probabilities | map_values(. > 0)'; }
ask p
janus-convert --policy p --to transformers --add-token ' yes' --add-token ' no' --out q 2> /dev/null
ask q
