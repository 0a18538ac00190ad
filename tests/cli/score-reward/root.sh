shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
mkdir elsewhere && mv s elsewhere/
score-reward --quiet --expert shapes --root elsewhere <r.jsonl | jq -c .reward
