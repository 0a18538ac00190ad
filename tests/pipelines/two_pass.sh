#!/usr/bin/env bash
# Two passes (T2I-R1) and plans with boxes (GoT-R1) through all programs: what is drawn is what the trainer sees, the same
# whatever runs beside it, and what is malformed is counted and never stops anything.
source "$(dirname "$0")/common.sh.inc"

janus-init --preset nano --seed 7 --out policy --quiet
shapes-world prompts --split train --count 5 --seed 2 > prompts.jsonl
draw() {  # OUT OPTION...
  sample-group --policy policy --mode two-pass --chat t2i-r1 --group 4 --max-cot 12 --cfg-weight 5 --no-images --seed 3 --out "$1" \
    --quiet "${@:2}" < prompts.jsonl > "$1.jsonl"
}
draw two --rows 14 --threads 2
shard=two/rollouts-000000.safetensors.zst
begin=$(jq -r '.generation_kwargs.boi_token_id' policy/generation_config.json)
eos=$(jq -r '.eos_token_id' policy/generation_config.json) bos=$(jq -r '.bos_token_id' policy/generation_config.json)
equal "chains end at EOS" "$(rows $shard cot_ids | jq -s --argjson e "$eos" 'map(.[-1] == $e) | all')" true
equal "second prompts" "$(rows $shard image_prompt_ids | jq -sc --argjson b "$bos" --argjson i "$begin" 'map([.[0] == $b, .[-1] == $i]) | unique')" '[[true,true]]'
equal "finishes" "$(jq -s 'map(.finish == "stop" or .finish == "length") | all' two.jsonl)" true
equal "the chain stands in the second prompt" "$(jq -s 'map(.cot | length > 0) | any' two.jsonl)" true
equal "chains differ, so do their prompts" "$(rows $shard image_prompt_ids | sort -u | wc -l)" "$(jq -c '[.prompt, .cot]' two.jsonl | sort -u | wc -l)"
for way in "one:--rows 2 --threads 1" "seven:--rows 7 --threads 2"; do
  read -ra options <<< "${way#*:}"
  draw "${way%%:*}" "${options[@]}"
  for tensor in cot_ids image_prompt_ids image_tokens; do
    same "${way%%:*}: $tensor" <(rows $shard $tensor) <(rows "${way%%:*}/rollouts-000000.safetensors.zst" $tensor)
  done
done

# In a chain <begin_of_image> is a token like others: it is drawn here, and the image still waits for EOS.
sample-group --policy policy --mode two-pass --chat t2i-r1 --temperature 1000 --max-cot 200 --group 16 --no-images --seed 3 --out hot --quiet \
  < prompts.jsonl > hot.jsonl
hot=hot/rollouts-000000.safetensors.zst
equal "begin_of_image is drawn" "$(rows $hot cot_ids | jq -s --argjson b "$begin" 'map(index($b) != null) | any')" true
cp -r policy trained-hot
jq -c '.reward = .index % 2' hot.jsonl | grpo-step --policy trained-hot --temperature 1000 --lr 1e-3 --quiet > trained-hot.jsonl
equal "the trainer sees what was drawn" "$(jq '.logprob_difference_max < 1e-3 and .grad_norm > 0' trained-hot.jsonl)" true
equal "every image has a prompt" "$(rows $hot image_prompt_ids | jq -s --argjson i "$begin" 'map(.[-1] == $i) | all')" true

# The policy's own values are those that were drawn from: the chain's always, the image's under guidance.
policy-logprobs --policy policy --cfg-weight 5 --out probs --quiet < two.jsonl > /dev/null
near='[.[0], .[1]] | transpose | map(.[0] - .[1] | fabs) | max'
worst=$(paste -d' ' <(rows $shard image_sampling_logprobs) <(rows probs/logprobs-000000.safetensors.zst image_logprobs) |
  jq -sc '[range(0; length; 2) as $i | [.[$i], .[$i + 1]]] | map('"$near"') | max')
equal "image log-probs ($worst)" "$(jq -n "$worst < 1e-4")" true

# One step on them: both segments in one loss, under guidance or of the conditional branch alone.
jq -c '.reward = .index % 2' two.jsonl > scored.jsonl
for kind in guided conditional; do
  cp -r policy $kind
  grpo-step --policy $kind --lr 1e-3 --cfg-weight 5 --cfg-logprobs $kind --advantage-eps 1e-4 --kl-weight 0.01 --reference policy --quiet \
    < scored.jsonl > $kind.jsonl
  equal "$kind: on-policy" "$(jq '.logprob_difference_max < 1e-3 and .grad_norm > 0 and .text_entropy > 0 and .image_entropy > 0' $kind.jsonl)" true
done
for segment in text image; do
  cp -r policy $segment
  grpo-step --policy $segment --lr 1e-3 --cfg-weight 5 --segments $segment --quiet < scored.jsonl > $segment.jsonl
done
equal "text alone" "$(jq -c '[.text_entropy > 0, .image_entropy]' text.jsonl)" '[true,null]'
equal "image alone" "$(jq -c '[.text_entropy, .image_entropy > 0]' image.jsonl)" '[null,true]'
if jq -c '.sampling.mode = "single"' scored.jsonl | grpo-step --policy text --cfg-weight 5 --quiet 2> error.txt; then fail "took one for the other"; fi
grep -q 'is of mode single, but its tokens are of two passes' error.txt || fail "no reason: $(cat error.txt)"

# Plans: annotated exactly, learnt a little, drawn, and judged by detections; what is malformed has 0 and is counted.
shapes-world scenes --count 24 --seed 2 --out scenes --quiet > /dev/null
caption-gen --got --out plans.jsonl scenes
validate-jsonl --schema annotation < plans.jsonl > /dev/null
vq-encode --policy policy --out tokens --quiet < plans.jsonl > encoded.jsonl
equal "one box for each sentence" "$(jq -s 'map((.got | [scan("<\\|box_start\\|>")] | length) == (.detailed_caption | [scan("\\.")] | length)) | all' plans.jsonl)" true
# A picture's own plan fits it, another's does not.
jq -c '{id, group_id: .id, group_size: 1, index: 0, prompt: .brief_caption, cot: .got, image, finish: "stop"}' plans.jsonl > own.jsonl
score-reward --expert got-ri:shapes --quiet < own.jsonl > own-scored.jsonl
equal "planned boxes are the detected ones" "$(jq -s 'map(.reward > 0.8) | all' own-scored.jsonl)" true
jq -c '.cot = "no plan"' own.jsonl | score-reward --expert got-ri:shapes > none.jsonl 2> none.txt
equal "no plan" "$(jq -sc 'map(.reward) | unique' none.jsonl)" '[0]'
grep -q 'got-ri: 24 scored, mean 0.0000, 24 of them malformed' none.txt || fail "not counted: $(cat none.txt)"
cot-sft --policy policy --out planner --chain got --template got-r1 --steps 4 --batch 4 --lr 1e-3 --quiet < encoded.jsonl > sft.jsonl
sample-group --policy planner --template got-r1 --group 2 --max-cot 40 --out planned --quiet < prompts.jsonl > planned.jsonl
score-reward --expert got-ri:shapes --quiet < planned.jsonl > planned-scored.jsonl
equal "whatever was drawn is scored" "$(jq -s 'map(.reward >= 0) | all' planned-scored.jsonl)" true
done_with two_pass
