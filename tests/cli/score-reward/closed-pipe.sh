# Whoever reads no further ends it, without a message.
cat >r.jsonl <<'END'
{"id":"a-0","group_id":"a","group_size":2,"index":0,"prompt":"x","cot":"one two","mine":1.50}
{"id":"a-1","group_id":"a","group_size":2,"index":1,"prompt":"x","cot":"one"}
{"id":"b-0","group_id":"b","group_size":2,"index":0,"prompt":"y","cot":""}
{"id":"b-1","group_id":"b","group_size":2,"index":1,"prompt":"y","cot":"three"}
END
yes "$(<r.jsonl)" | score-reward --quiet --expert 'exec:jq -c "{id, value: 1}"' | head -1 | jq -c .id
echo "${PIPESTATUS[@]}" | cut -d' ' -f2
