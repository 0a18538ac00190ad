shapes-world scenes --count 2 --seed 1 --out s --quiet >r.jsonl
for i in $(seq 2000); do cat r.jsonl; done | eval-geneval --quiet --detector shapes | head -1 | jq -c .filename
echo "${PIPESTATUS[1]}"
