shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
eval-geneval --quiet --detector shapes --options threshold=0.999999 --options counting_threshold=0.999999 <r.jsonl | jq -c .correct | uniq
