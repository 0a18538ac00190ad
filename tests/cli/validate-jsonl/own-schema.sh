echo '{"type":"object","required":["x"]}' >s.json
echo '{"x":1}' | validate-jsonl --schema s.json
