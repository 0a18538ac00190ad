# A policy folder is for trainers: tokens in it would go with the next version, and its manifest at once.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 1 --out s --quiet > scenes.jsonl
vq-encode --policy p --out p --input scenes.jsonl
echo "exit $?"
jq .program p/manifest.json
shapes-world scenes --count 1 --out p
