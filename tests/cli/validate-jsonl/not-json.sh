echo hello | validate-jsonl --schema rollout
