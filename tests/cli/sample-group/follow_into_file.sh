sample-group --policy p --follow --out run --output rollouts.jsonl
