cat >r.jsonl <<'END'
{"id":"a","group_id":"a","prompt":"x","cot":"A red circle. It is red!","finish":"stop"}
{"id":"b","group_id":"b","prompt":"x","cot":"A blue star.","finish":"eos"}
{"id":"c","group_id":"b","group_size":2,"index":1,"prompt":"x"}
END
echo '{"id":3}' >>r.jsonl
cot-stats --max-bad 1 <r.jsonl | jq .rollouts
