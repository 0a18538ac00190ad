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
    grpo-step --policy "$1" --batch 4 --steps 3 --lr 1e-4 --quiet "${@:2}"
}
ring filled --refill 8 > filled.jsonl
equal "full batches" "$(jq -sc 'map([.groups_kept, .groups_dropped, .staleness])' filled.jsonl)" '[[4,4,0],[4,4,0],[4,4,0]]'
equal "prompts taken" "$(jq .extra.groups_taken filled/trainer/state.json)" 24
# What a run that was killed had asked for is not drawn: no batch is old.
mv prompts.jsonl half.jsonl && jq -c '.dull = false' half.jsonl > prompts.jsonl
echo '{"policy_version":0,"batches":3}' > .again.refill
ring again --refill 8 > again.jsonl
equal "an old request" "$(jq -sc 'map([.groups_kept, .staleness])' again.jsonl)" '[[4,0],[4,0],[4,0]]'
mv half.jsonl prompts.jsonl
ring once --refill 1 > once.jsonl
equal "without" "$(jq -sc 'map([.groups_kept, .groups_dropped])' once.jsonl)" '[[2,2],[2,2],[2,2]]'
# All but one in sixteen are dull: four draws at most, and what there is then.
jq -c '.dull = (.id | ltrimstr("p") | tonumber % 16 != 3)' prompts.jsonl > rare.jsonl && mv rare.jsonl prompts.jsonl
ring rare --refill 4 > rare.jsonl
equal "no more draws than allowed" "$(jq -sc 'map([.groups_kept, .groups_dropped])' rare.jsonl)" '[[1,15],[1,15],[1,15]]'

# The trainer ends before its time, and the sampler's reader reads on, as a filter between them does that has nothing to
# write: no new version will come.
cp -r policy left
# Each "|| true": both programs end with a fault, as they should; what the sampler says is looked at below.
sample-group --policy left --follow --batch 4 --group 2 --max-cot 4 --no-images --out left-rollouts --quiet < prompts.jsonl 2> left.err |
  { grpo-step --policy left --batch 4 --quiet 2> /dev/null < <(until compgen -G 'left-rollouts/*.zst' > /dev/null; do sleep 0.1; done; sleep 2) || true
    cat > unread.jsonl; } || true
equal "the sampler sees that the trainer has gone" "$(cat left.err)" \
  "sample-group: the reader of the rollouts has gone; no new policy version will come"
# A sampler that was not told of refills says so instead of waiting. Each "|| true": both programs end with a fault, as they should.
cp -r policy untold
{ sample-group --policy untold --follow --batch 4 --group 2 --max-cot 4 --no-images --out untold-rollouts --quiet < prompts.jsonl 2> untold.err || true; } |
  jq -c --unbuffered '.reward = 1' | { grpo-step --policy untold --batch 4 --refill 4 --quiet 2> /dev/null || true; } > untold.jsonl
equal "an untold sampler" "$(head -n 1 untold.err)" "sample-group: grpo-step asks for another batch of policy version 0"
done_with refill
