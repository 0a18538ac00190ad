printf '\xff\xff\xff\xff\xff\xff\xff\x7f{}' > huge.safetensors
shard-cat huge.safetensors
