#!/usr/bin/env bash
# A random nano policy through every program, each record held against its schema.
source "$(dirname "$0")/common.sh.inc"

valid() {  # SCHEMA FILE
  validate-jsonl --schema "$source_folder/schemas/$1" --quiet < "$2" || fail "$2 is not a $1"
  jq -e . "$2" > /dev/null || fail "$2: jq cannot read it"
  checks=$((checks + 1))
}

janus-init --preset nano --seed 5 --out policy --quiet
shapes-world scenes --count 12 --seed 3 --out scenes > scenes.jsonl
valid scene.v1.schema.json scenes.jsonl
caption-gen --annotator shapes --noise 0.15 --out annotations.jsonl scenes
vq-encode --policy policy --out tokens < annotations.jsonl > encoded.jsonl
valid annotation.v1.schema.json encoded.jsonl
vq-decode --policy policy --out decoded < encoded.jsonl > decoded.jsonl
equal "decoded pictures" "$(ls decoded/*.png decoded/*/*.png 2>/dev/null | wc -l)" 12
vq-train --images scenes --policy policy --steps 6 --batch 4 --continuous 0.5 --out vq --quiet > vq.jsonl
valid metrics-vq.v1.schema.json vq.jsonl
cot-sft --policy policy --out sft --steps 3 --batch 4 --lr 1e-3 < encoded.jsonl > sft.jsonl
valid metrics-sft.v1.schema.json sft.jsonl

shapes-world prompts --split train --count 6 --seed 1 > prompts.jsonl
valid prompt.v1.schema.json prompts.jsonl
sample-group --policy sft --group 4 --max-cot 12 --seed 2 --out run < prompts.jsonl > rollouts.jsonl
valid rollout.v1.schema.json rollouts.jsonl
equal "rollouts" "$(wc -l < rollouts.jsonl)" 24
equal "pictures" "$(ls run/images | wc -l)" 24
equal "GenEval fields pass through" "$(jq -s 'all(has("include") and has("tag"))' rollouts.jsonl)" true

# Whatever the rows and the threads, and in another order: the same rollouts.
sample-group --policy sft --group 4 --max-cot 12 --seed 2 --rows 5 --threads 1 --out run < prompts.jsonl > again.jsonl
same "rows and threads" rollouts.jsonl again.jsonl
tac prompts.jsonl | sample-group --policy sft --group 4 --max-cot 12 --seed 2 --out reversed |
  jq -c '[.id, .cot, .finish]' | sort > reversed.txt
jq -c '[.id, .cot, .finish]' rollouts.jsonl | sort > forward.txt
same "order of prompts" forward.txt reversed.txt

# Recorded log-probs are the policy's own.
policy-logprobs --policy sft --out logprobs < rollouts.jsonl > with-logprobs.jsonl
shard-cat run/rollouts-000000.safetensors.zst --tensor image_sampling_logprobs --json > a.json
shard-cat logprobs/logprobs-000000.safetensors.zst --tensor image_logprobs --json > b.json
equal "largest log-prob difference below 1e-5" "$(jq -s '[.[0:24], .[24:48]] | transpose | map(transpose | map(.[0] - .[1] | fabs) | max) | max < 1e-5' a.json b.json)" true

score='exec:jq -c --unbuffered "{id, value: (.index % 3)}"'
score-reward --expert "level=$score" --combine 'level / 2' < rollouts.jsonl > scored.jsonl
valid rollout.v1.schema.json scored.jsonl
cp -r sft grpo
grpo-step --policy grpo --lr 1e-4 --entropy adaptive --reference sft --kl-weight 0.01 < scored.jsonl > grpo.jsonl
valid metrics-grpo.v1.schema.json grpo.jsonl
equal "version" "$(jq .policy_version grpo/easel.json)" "$(($(jq .policy_version sft/easel.json) + 1))"
equal "on-policy" "$(jq '.logprob_difference_max < 1e-5 and .clip_fraction == 0' grpo.jsonl)" true
sum=$(sha256sum < grpo/model.safetensors)
grpo-step --policy grpo --lr 1e-4 --entropy adaptive --reference sft --kl-weight 0.01 < scored.jsonl 2> note.txt > /dev/null
equal "a batch is not taken twice" "$(sha256sum < grpo/model.safetensors)" "$sum"
grep -q 'already taken' note.txt || fail "no note about the batch taken before"


# Rollouts drawn with guidance: trained under it, and with the conditional branch's own log-probs.
sample-group --policy sft --group 4 --max-cot 12 --seed 2 --cfg-weight 3 --out guided --no-images < prompts.jsonl |
  score-reward --expert "level=$score" > guided.jsonl
for kind in guided conditional; do
  cp -r sft grpo-$kind
  grpo-step --policy grpo-$kind --lr 1e-4 --cfg-weight 3 --cfg-logprobs $kind --minibatch 3 < guided.jsonl > grpo-$kind.jsonl
  valid metrics-grpo.v1.schema.json grpo-$kind.jsonl
  equal "$kind: on-policy" "$(jq -s '.[0] | .logprob_difference_max < 2e-5 and .clip_fraction == 0' grpo-$kind.jsonl)" true
done
if grpo-step --policy sft --lr 1e-4 --cfg-weight 1 < guided.jsonl > /dev/null 2> refused.txt; then fail "guidance 3 trained as 1"; fi
grep -q 'cfg_weight 3' refused.txt || fail "no word of the guidance"

printf 'a red circle\n' | sample-group --text --policy sft --group 2 --max-cot 8 --out text |
  score-reward --expert shapes | jq -e .reward > /dev/null || fail "README's pipe"
eval-geneval --detector shapes --output results.jsonl --summary summary.json --quiet < rollouts.jsonl
valid eval-result.v1.schema.json results.jsonl
contact-sheet --group --out sheet.png < scored.jsonl
run-report --out report.html SFT=sft.jsonl RL=grpo.jsonl --eval SFT=summary.json --rollouts scored.jsonl
cot-stats < rollouts.jsonl | jq -e . > /dev/null
for folder in policy sft grpo run tokens logprobs decoded vq; do
  valid manifest.v1.schema.json $folder/manifest.json
done
done_with every_program
