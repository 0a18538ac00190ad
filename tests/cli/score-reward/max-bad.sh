shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
rm s/scene-00001.png
score-reward --quiet --expert shapes --max-bad 1 <r.jsonl | jq -c .id
