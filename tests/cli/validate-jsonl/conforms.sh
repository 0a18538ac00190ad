shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
validate-jsonl --schema scene <r.jsonl
