shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
rm s/scene-00002.png
eval-geneval --quiet --detector shapes <r.jsonl | wc -l
