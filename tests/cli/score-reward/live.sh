# In a live pipe a record goes on as soon as no more input is there, long before a batch is full.
cat >r.jsonl <<'END'
{"id":"a-0","group_id":"a","group_size":2,"index":0,"prompt":"x","cot":"one two","mine":1.50}
{"id":"a-1","group_id":"a","group_size":2,"index":1,"prompt":"x","cot":"one"}
{"id":"b-0","group_id":"b","group_size":2,"index":0,"prompt":"y","cot":""}
{"id":"b-1","group_id":"b","group_size":2,"index":1,"prompt":"y","cot":"three"}
END
mkfifo pipe
score-reward --quiet --expert 'exec:jq -c "{id, value: 1}"' <pipe >out.jsonl &
exec 3>pipe
head -2 r.jsonl >&3
for i in $(seq 100); do [[ $(wc -l <out.jsonl) == 2 ]] && break; sleep 0.05; done
jq -c .id out.jsonl
tail -2 r.jsonl >&3
exec 3>&-
wait
jq -c .id out.jsonl
