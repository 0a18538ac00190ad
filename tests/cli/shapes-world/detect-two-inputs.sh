shapes-world detect --images s --input r.jsonl; echo "exit $?"
shapes-world detect --images s --root s
