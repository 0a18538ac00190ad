printf '%s\n' '{"id":"a","prompt":"x"}' '{"id":"b"}' '{"id":"c","prompt":"x","rewards":{"s":"high"}}' '{"id":"d","prompt":"x","finish":"bored"}' >r.jsonl
validate-jsonl --schema rollout --input r.jsonl --show 2
