# Records beside their shards, in a folder that is not there yet.
janus-init --preset nano --out p --quiet
echo 'a red circle' | sample-group --text --policy p --group 1 --max-cot 2 --no-images --out run --output run/rollouts.jsonl
wc -l < run/rollouts.jsonl
