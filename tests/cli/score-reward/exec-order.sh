# Answers may come in any order.
cat >r.jsonl <<'END'
{"id":"a-0","group_id":"a","group_size":2,"index":0,"prompt":"x","cot":"one two","mine":1.50}
{"id":"a-1","group_id":"a","group_size":2,"index":1,"prompt":"x","cot":"one"}
{"id":"b-0","group_id":"b","group_size":2,"index":0,"prompt":"y","cot":""}
{"id":"b-1","group_id":"b","group_size":2,"index":1,"prompt":"y","cot":"three"}
END
score-reward --quiet --expert 'exec:jq -c "{id, value: .index}" | tac' <r.jsonl | jq -c '[.id, .reward]'
