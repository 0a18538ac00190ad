echo '{"step":1,"loss":NaN}' >m.jsonl
run-report --out run.html m.jsonl
