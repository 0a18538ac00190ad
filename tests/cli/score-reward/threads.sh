# The same bytes with any number of threads and any batch.
shapes-world scenes --count 40 --seed 1 --out s --quiet >r.jsonl
score-reward --quiet --expert shapes:partial --threads 1 <r.jsonl >1.jsonl
score-reward --quiet --expert shapes:partial --threads 3 --batch 7 <r.jsonl >3.jsonl
cmp 1.jsonl 3.jsonl && wc -l <1.jsonl
