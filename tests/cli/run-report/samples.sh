shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
sed -E 's/^\{/{"policy_version":3,"reward":0.5,/' r.jsonl >s.jsonl
run-report --quiet --out run.html --rollouts s.jsonl
grep -c 'src="data:image/png' run.html
grep -o '<h3>[^<]*' run.html
