# What is wrong with a tokenizer is said of the user's file, not of the copy.
janus-init --preset nano --out p --quiet
mkdir t
jq '.model.type = "Unigram"' p/tokenizer.json > t/mine.json
janus-init --preset nano --tokenizer t/mine.json --out q; echo "exit $?"
sed 's/<begin_of_image>/<picture>/' p/tokenizer.json > t/mine.json
janus-init --preset nano --tokenizer t/mine.json --out q; echo "exit $?"
[[ -e q ]] || echo nothing was written
