echo '{"id":"a"}' >m.jsonl
run-report --out run.html m.jsonl
