# Writes beyond the limit fail as they do on a full disk.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 300 --out s --quiet > s.jsonl
(trap '' XFSZ; ulimit -f 1; vq-encode --policy p --out t --input s.jsonl --output e.jsonl)
echo "exit $?"
ls -A t e.jsonl 2>/dev/null
vq-encode --policy p --out t --input s.jsonl | jq -r .tokens.row | tail -n 1
