mkdir empty
caption-gen --out captions empty
