echo '{"type":' >s.json
validate-jsonl --schema ./s.json </dev/null
