validate-jsonl --help
