validate-jsonl --schema poem </dev/null
