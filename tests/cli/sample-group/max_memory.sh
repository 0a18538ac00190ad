# Rows that fit draw the same; what cannot hold a row is refused, and what is no size.
janus-init --preset nano --out p --quiet
draw() { echo 'a red circle' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --quiet --threads 1 "$@"; }
draw --out a > a.jsonl
draw --out b --max-memory 25M > b.jsonl
cmp <(shard-cat a/*.zst --tensor image_tokens) <(shard-cat b/*.zst --tensor image_tokens) && echo same
draw --out c --max-memory 12M
draw --out c --max-memory plenty
