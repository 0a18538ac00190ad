# Prompts may come compressed, by name or as standard input.
janus-init --preset nano --out p --quiet
printf '{"prompt":"a red circle"}\n{"prompt":"a blue star"}\n' > p.jsonl
gzip -k p.jsonl
zstd -q p.jsonl
draw() { sample-group --policy p --group 1 --mode direct --no-images --quiet --out run "$@" | jq -r .prompt; }
draw --input p.jsonl.gz
draw < p.jsonl.gz
draw < p.jsonl.zst
