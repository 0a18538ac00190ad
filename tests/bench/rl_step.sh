#!/usr/bin/env bash
# One RL step split by stage: 24 prompts x 8 rollouts through the three programs, one after another.
#   tests/bench/rl_step.sh POLICY [STEPS]
set -euo pipefail
policy=$1 steps=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$policy" "$work/policy"
rm -rf "$work/policy/trainer"
now() { echo "${EPOCHREALTIME/./}"; }
for ((step = 1; step <= steps; step++)); do
  shapes-world prompts --split train --count 24 --seed "$step" >"$work/prompts.jsonl"
  a=$(now)
  sample-group --policy "$work/policy" --group 8 --max-cot 64 --max-prompt 40 --seed "$step" --out "$work/rollouts" \
    --quiet --input "$work/prompts.jsonl" --output "$work/rollouts.jsonl"
  b=$(now)
  score-reward --expert shapes --quiet --input "$work/rollouts.jsonl" --output "$work/scored.jsonl"
  c=$(now)
  grpo-step --policy "$work/policy" --batch 24 --lr 6e-5 --quiet --input "$work/scored.jsonl" --output "$work/metrics.jsonl"
  d=$(now)
  jq -c --argjson sample $((b - a)) --argjson score $((c - b)) --argjson train $((d - c)) \
    '{sample: ($sample / 1e6), score: ($score / 1e6), train: ($train / 1e6)} +
     (with_entries(select(.key | startswith("seconds"))))' "$work/metrics.jsonl" >>"$work/times.jsonl"
done
echo "# seconds of one RL step of 192 rollouts, mean of $steps steps after the first; each program started anew"
jq -sr '.[1:] as $t | $t[0] | keys_unsorted[] as $k | "\($k) \([$t[][$k]] | add / length * 1000 | round / 1000)"' "$work/times.jsonl"
