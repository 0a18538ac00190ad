shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
head -c 30 r.jsonl | eval-geneval --detector shapes
