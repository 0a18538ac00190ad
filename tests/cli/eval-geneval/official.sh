# Byte for byte what the official scripts write (tests/numerics/geneval).
data=$EASEL_SOURCE/tests/numerics/geneval
n=0
while read -r line; do
  folder=images/$(printf %05d $n)
  mkdir -p $folder/samples
  printf '%s\n' "$line" >$folder/metadata.jsonl
  touch $folder/samples/000{0,1,2,3}.png
  n=$((n + 1))
done <"$data/prompts.jsonl"
eval-geneval --detector "replay:$data/detections.jsonl" --images images --output results.jsonl 2>summary.txt
cmp results.jsonl "$data/expected.jsonl" && tail -n +2 summary.txt | cmp - "$data/expected_summary.txt" && echo same
head -1 summary.txt
