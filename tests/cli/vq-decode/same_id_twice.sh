# Two records of one id would be one picture.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 1 --out s --quiet | vq-encode --policy p --out t > e.jsonl
cat e.jsonl e.jsonl | vq-decode --policy p --out d --max-bad 1 | jq -r .image
cat e.jsonl e.jsonl | vq-decode --policy p --out d > /dev/null
