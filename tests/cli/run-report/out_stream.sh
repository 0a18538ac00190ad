echo '{"program":"cot-sft","step":1,"loss":1}' > m.jsonl
run-report --out - m.jsonl
