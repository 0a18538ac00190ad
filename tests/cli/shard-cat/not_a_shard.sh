echo hello there, no shard > x.safetensors.zst
shard-cat x.safetensors.zst
