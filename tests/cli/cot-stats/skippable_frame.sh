# zstd data behind a frame that is to be skipped, as parallel compressors write.
echo '{"id":"a","group_id":"a","prompt":"x","cot":"A red circle.","finish":"stop"}' > r.jsonl
{ printf '\x50\x2a\x4d\x18\x04\x00\x00\x00abcd'; zstd -q -c r.jsonl; } > r.zst
cot-stats --input r.zst | jq .chains
