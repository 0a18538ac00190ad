cat >r.jsonl <<'END'
{"id":"a-0","group_id":"a","group_size":2,"index":0,"prompt":"x","cot":"one two","mine":1.50}
{"id":"a-1","group_id":"a","group_size":2,"index":1,"prompt":"x","cot":"one"}
{"id":"b-0","group_id":"b","group_size":2,"index":0,"prompt":"y","cot":""}
{"id":"b-1","group_id":"b","group_size":2,"index":1,"prompt":"y","cot":"three"}
END
gzip -k r.jsonl && zstd -q r.jsonl -o r.jsonl.zst
for f in r.jsonl.gz r.jsonl.zst; do
  score-reward --quiet --input $f --expert 'exec:jq -c "{id, value: 1}"' | jq -c .reward | sort | uniq -c
done
head -c 60 r.jsonl.gz >cut.gz
score-reward --quiet --input cut.gz --expert shapes
