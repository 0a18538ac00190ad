shard-cat a.safetensors --tensor x --out b.safetensors
