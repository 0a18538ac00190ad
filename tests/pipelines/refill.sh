#!/usr/bin/env bash
# Groups whose rewards are equal are refilled: the trainer asks, the sampler draws again for the same version, and a step
# has as many groups as were wanted, or as many as came in the draws that are allowed.
source "$(dirname "$0")/common.sh.inc"

janus-init --preset nano --seed 3 --out policy --quiet
# Every other prompt teaches nothing.
for ((i = 0; i < 60; ++i)); do jq -nc --argjson i $i '{id: "p\($i)", prompt: "a red star", dull: ($i % 2 == 0)}'; done > prompts.jsonl
ring() {  # OUT OPTION...: three programs that stay up
  cp -r policy "$1"
  sample-group --policy "$1" --follow --refill --batch 4 --group 2 --max-cot 4 --no-images --out "$1-rollouts" --quiet < prompts.jsonl |
    jq -c --unbuffered '.reward = (if .dull then 1 else .index end)' |
    grpo-step --policy "$1" --batch 4 --steps 3 --lr 1e-4 --quiet "${@:2}" || true  # the sampler says that its reader has gone
}
ring filled --refill 8 > filled.jsonl
equal "full batches" "$(jq -sc 'map([.groups_kept, .groups_dropped, .staleness])' filled.jsonl)" '[[4,4,0],[4,4,0],[4,4,0]]'
equal "prompts taken" "$(jq .extra.groups_taken filled/trainer/state.json)" 24
ring once --refill 1 > once.jsonl
equal "without" "$(jq -sc 'map([.groups_kept, .groups_dropped])' once.jsonl)" '[[2,2],[2,2],[2,2]]'
# All but one in sixteen are dull: four draws at most, and what there is then.
jq -c '.dull = (.id | ltrimstr("p") | tonumber % 16 != 3)' prompts.jsonl > rare.jsonl && mv rare.jsonl prompts.jsonl
ring rare --refill 4 > rare.jsonl
equal "no more draws than allowed" "$(jq -sc 'map([.groups_kept, .groups_dropped])' rare.jsonl)" '[[1,15],[1,15],[1,15]]'
done_with refill
