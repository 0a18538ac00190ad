shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
rm s/scene-00001.png
run-report --quiet --out run.html --rollouts r.jsonl
run-report --quiet --out run.html --rollouts r.jsonl --max-bad 1 && grep -o 'image not readable' run.html
