#!/usr/bin/env bash
# Sampling and a GRPO step on a GPU at a real shape with random bfloat16 weights, beside what memory and arithmetic allow:
# a step of decoding reads the weights and every row's cache once.
#   tests/bench/gpu.sh FOLDER janus-pro-1b|janus-pro-7b [GROUP...]
# FOLDER receives 5 or 15 GB and is used again by a later call. BANDWIDTH (bytes a second) and PEAK (FLOP a second, bfloat16)
# are those of an H100 SXM unless they are set. The programs must be on PATH.
set -euo pipefail
shopt -s inherit_errexit  # a run that fails has no figure
folder=$1 preset=$2
shift 2
groups=("$@")
((${#groups[@]})) || groups=(1 8 16 32 64)
bandwidth=${BANDWIDTH:-3.35e12} peak=${PEAK:-990e12} device=${EASEL_DEVICE:-cuda}
# Of PERFORMANCE's limits: weights that an image step reads, cache of a token, arithmetic of a trained sequence of 760 tokens.
case $preset in
  janus-pro-1b) weights=2.55e9 cache=$((192 * 1024)) training=6.2e12 most=12288 ;;
  janus-pro-7b) weights=12.34e9 cache=$((480 * 1024)) training=28.9e12 most=6144 ;;
  nano) weights=1e7 cache=1024 training=1e10 most=4096 ;;  # to try this script
  *) echo "gpu.sh: janus-pro-1b or janus-pro-7b, got $preset" >&2; exit 2 ;;
esac
mkdir -p "$folder"
policy=$folder/$preset
[[ -d $policy ]] || janus-init --preset "$preset" --seed 1 --dtype bfloat16 --out "$policy" --quiet
words=$(printf ' red%.0s' {1..170})
nvidia-smi --query-gpu=name,memory.total --format=csv,noheader 2> /dev/null || echo "no nvidia-smi"

for group in "${groups[@]}"; do
  rm -rf "$folder/rollouts"
  # Two prompts, one after the other: the second finds everything warm.
  for number in 1 2; do echo "a photo of $number$words"; done |
    sample-group --text --mode direct --policy "$policy" --group "$group" --cfg-weight 5 --rows $((2 * group)) --batch 1 \
      --device "$device" --dtype bfloat16 --no-images --out "$folder/rollouts" --quiet |
    while read -r line; do printf '%s\t%s\n' "$EPOCHREALTIME" "$line"; done > "$folder/timed.tsv"
  cut -f 2- "$folder/timed.tsv" > "$folder/rollouts.jsonl"
  first=$(sed -n "${group}p" "$folder/timed.tsv" | cut -f 1) last=$(tail -n 1 "$folder/timed.tsv" | cut -f 1)
  shards=("$folder"/rollouts/*.safetensors.zst)
  prefix=$(shard-cat "${shards[0]}" --tensor prompt_ids --json | head -n 1 | jq length)
  jq -n -r --arg preset "$preset" --argjson group "$group" --argjson seconds "$(jq -n "$last - $first")" \
    --argjson weights "$weights" --argjson cache "$cache" --argjson bandwidth "$bandwidth" --argjson prefix "$prefix" \
    --argjson tokens "$(shard-cat "${shards[0]}" --tensor image_tokens --json | head -n 1 | jq length)" '
    def r: . * 100 | round / 100;
    (($weights + $cache * 2 * $group * ($prefix + $tokens / 2)) / $bandwidth * $tokens) as $floor |
    "\($preset), guided, prefix \($prefix), \($tokens) tokens: \($group) image\(if $group > 1 then "s" else "" end) " +
    "in \($seconds | r) s, \($group / $seconds | r) a second, \($seconds / $tokens * 1000 | r) ms a step; " +
    "floor \($floor | r) s: \($floor / $seconds * 100 | round) % of it"'
done

# A step over two groups of 16 of one version: the second finds everything warm.
rm -rf "$folder/rollouts" "$folder/rl"
for number in 1 2; do echo "a photo of $number$words"; done |
  sample-group --text --mode direct --policy "$policy" --group 16 --device "$device" --dtype bfloat16 --no-images \
    --out "$folder/rollouts" --quiet | jq -c '.reward = .index % 2' > "$folder/scored.jsonl"
step() {  # NAME SHARE OPTION...: SHARE of a full step's arithmetic that this one needs
  rm -rf "$folder/rl"
  cp -r --reflink=auto "$policy" "$folder/rl"
  grpo-step --policy "$folder/rl" --batch 1 --max-staleness 1 --lr 1e-6 --device "$device" --dtype bfloat16 \
    --max-logprob-difference 0 --quiet "${@:3}" < "$folder/scored.jsonl" > "$folder/metrics.jsonl"
  jq -s -r --arg name "$preset, $1" --argjson share "$2" --argjson training "$training" --argjson peak "$peak" '
    def r: . * 100 | round / 100;
    .[1] | (.seconds_forward + .seconds_backward) as $s | ($training * $share * 16 / $s) as $rate |
    "\($name): forward and backward of 16 sequences in \($s | r) s (\(.seconds_forward | r) + \(.seconds_backward | r)), " +
    "\($rate / 1e12 | round) TFLOP/s, \($rate / $peak * 100 | round) % of the peak; update \(.seconds_optimizer | r) s, " +
    "largest difference of log-probs \(.logprob_difference_max)"' "$folder/metrics.jsonl"
}
if [[ $preset == janus-pro-7b ]]; then
  step "adapter of rank 32" 0.6667 --lora-rank 32 --lora-alpha 32 --microbatch-tokens "$most"
else
  step "all weights" 1 --optimizer-8bit --stochastic-rounding --microbatch-tokens "$most"
  step "all weights, layers computed again" 1 --optimizer-8bit --stochastic-rounding --recompute --microbatch-tokens "$most"
  step "adapter of rank 32" 0.6667 --lora-rank 32 --lora-alpha 32 --microbatch-tokens "$most"
fi
