# What other programs write with zstd: a frame without its size, several, one to be skipped; and what is none.
janus-init --preset nano --out p --quiet
printf 'a\nb\n' | sample-group --text --policy p --group 2 --max-cot 5 --no-images --out run > /dev/null
f=run/rollouts-000000.safetensors.zst
zstd -qdc $f > plain
zstd -qc < plain > unsized.safetensors.zst
{ head -c 500 plain | zstd -qc; tail -c +501 plain | zstd -qc; } > two.safetensors.zst
{ printf '\x50\x2a\x4d\x18\x03\x00\x00\x00abc'; cat $f; } > skipped.safetensors.zst
for made in unsized two skipped; do cmp <(shard-cat $made.safetensors.zst --tensor image_tokens) <(shard-cat $f --tensor image_tokens) && echo "$made: the same"; done
{ cat $f; echo more; } > more.safetensors.zst
head -c 400 unsized.safetensors.zst > short.safetensors.zst
# Its own length differs with the last bits of log-probs, and so from processor to processor.
shard-cat more.safetensors.zst 2>&1 | sed "s/byte $(stat -c %s $f):/byte END:/"
shard-cat short.safetensors.zst
shard-cat $f --tensor image_tokens --rows 0:99
