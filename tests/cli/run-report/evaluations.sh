shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
eval-geneval --quiet --detector shapes --summary s.json <r.jsonl >/dev/null
run-report --quiet --out run.html --eval base=s.json --eval RL=s.json
grep -o '<th>[^<]*' run.html
