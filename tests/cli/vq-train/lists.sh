# A list of paths, one of records, and the folder itself: the same pictures, so the same weights.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
find s -name '*.png' | sort > paths.txt
jq -nc --rawfile p paths.txt '$p | split("\n")[] | select(. != "") | {image: .}' > records.jsonl
train --steps 2 --out folder > /dev/null
for list in paths.txt records.jsonl; do
  vq-train --quiet --images $list --preset nano --batch 2 --threads 1 --steps 2 --out "$list.policy" > /dev/null
  cmp folder/model.safetensors "$list.policy/model.safetensors" && echo "$list: the same weights"
done
: > empty.txt
vq-train --quiet --images empty.txt --preset nano --steps 2 --out q
