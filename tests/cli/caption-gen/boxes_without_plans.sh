caption-gen --draw-boxes b --out a.jsonl s
