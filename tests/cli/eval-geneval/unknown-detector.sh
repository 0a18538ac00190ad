shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
eval-geneval --detector yolo <r.jsonl
