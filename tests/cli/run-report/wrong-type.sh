echo '{"step":1,"loss":"low"}' >m.jsonl
run-report --out run.html m.jsonl
ls
