janus-init --preset nano --out p --quiet
shapes-world scenes --count 4 --out s --quiet > /dev/null
caption-gen --annotator shapes --out a.jsonl s
vq-encode --policy p --out t --input a.jsonl --output b.jsonl
cot-sft --policy p --out q --steps 2 --batch 2 < b.jsonl > /dev/null
cot-sft --policy p --out q --steps 3 --batch 2 < b.jsonl
