# A small file that unpacks to very much is no shard, whether it says so or not.
head -c 400M /dev/zero | zstd -qc > unsized.safetensors.zst
head -c 400M /dev/zero > zeros && zstd -q zeros -o sized.safetensors.zst
for bomb in unsized sized; do shard-cat $bomb.safetensors.zst; done
