# SIGTERM and SIGKILL in both parts of the run: the same command ends with the bits of a calm one.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
settings=(--steps 60 --checkpoint-every 4)
train "${settings[@]}" --out calm --output calm.jsonl
for signal in TERM KILL TERM; do
  train "${settings[@]}" --out wild --output wild.jsonl 2> log &
  sleep "0.$((RANDOM % 7 + 2))"
  kill -$signal $(pgrep -P $! || echo $!) 2>/dev/null
  wait $! 2>/dev/null
done
train "${settings[@]}" --out wild --output wild.jsonl 2> log
cmp calm/model.safetensors wild/model.safetensors && echo "the same weights"
jq -s 'map(.step) == [range(1; 61)]' wild.jsonl
