shapes-world scenes --count 1 --seed 1 --out s --quiet >r.jsonl
sed -E 's/^\{/{"group_id":"g","group_size":4,/' r.jsonl | eval-geneval --quiet --detector shapes | wc -l
