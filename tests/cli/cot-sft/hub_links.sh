# A policy as a hub's cache keeps it, files as links to elsewhere: the one that is made holds its weights all the same.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
mkdir -p hub/blobs hub/snapshots/1
for file in p/*; do mv "$file" "hub/blobs/$(basename "$file" | sha256sum | cut -c1-16)"; ln -s "../../blobs/$(basename "$file" | sha256sum | cut -c1-16)" "hub/snapshots/1/$(basename "$file")"; done
cot-sft --policy hub/snapshots/1 --out q --steps 1 --batch 2 --lora-rank 4 --quiet < b.jsonl | jq .step
mv hub elsewhere
[[ -f q/model.safetensors && ! -L q/model.safetensors ]] && echo 'its own weights'
echo 'a red circle' | sample-group --text --policy q --group 1 --max-cot 4 --no-images --out run | jq .policy_version
