#!/usr/bin/env bash
# Janus-Pro-1B's shape with random weights on a CPU machine of 24 GiB: a group of 8 rollouts, a GRPO step with an
# adapter of rank 32 on bfloat16 weights, and what of both was in memory at its peak.
#   tests/bench/one_b.sh FOLDER [IMAGE_PROMPT]
# FOLDER receives 5 GB and is used again by a later call. build/bin must be on PATH.
set -euo pipefail
folder=$1 prompt=${2:-a red circle left of a blue star}
mkdir -p "$folder"
measured() {  # NAME COMMAND...: seconds and peak of resident memory
  /usr/bin/time -f "$1: %e s, at most %M KiB in memory (mapped files included)" "${@:2}"
}
[[ -d $folder/policy ]] || measured janus-init janus-init --preset janus-pro-1b --seed 1 --dtype bfloat16 --out "$folder/policy" --quiet
rm -rf "$folder/rl" "$folder/rollouts"
cp -r --reflink=auto "$folder/policy" "$folder/rl"
measured sample-group sample-group --text --policy "$folder/rl" --group 8 --max-cot 64 --dtype bfloat16 --no-images \
  --out "$folder/rollouts" --quiet <<< "$prompt" > "$folder/rollouts.jsonl"
jq -c '.reward = .index % 2' "$folder/rollouts.jsonl" > "$folder/scored.jsonl"
measured grpo-step grpo-step --policy "$folder/rl" --lr 1e-4 --dtype bfloat16 --lora-rank 32 --lora-alpha 32 --recompute \
  --microbatch-tokens 1536 < "$folder/scored.jsonl" |
  jq -c '{loss, grad_norm, logprob_difference_max, seconds_forward, seconds_backward, seconds_optimizer, seconds}'
ls -l "$folder"/rl/adapter_model.safetensors
