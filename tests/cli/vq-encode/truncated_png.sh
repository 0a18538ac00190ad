janus-init --preset nano --out p --quiet
shapes-world scenes --count 2 --out s --quiet > s.jsonl
truncate -s 150 s/scene-00001.png
vq-encode --policy p --out tokens < s.jsonl
