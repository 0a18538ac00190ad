#!/usr/bin/env bash
# Training in bfloat16, with moments in eight bits, with stochastic rounding: the loss comes down as in float32, a
# run that stops goes on to the same bits, and what is not trained keeps its bytes.
source "$(dirname "$0")/common.sh.inc"

janus-init --preset nano --seed 5 --out wide --quiet
janus-convert --policy wide --to transformers --dtype bfloat16 --out policy
shapes-world scenes --count 12 --seed 2 --out scenes --quiet | vq-encode --policy policy --out tokens --quiet |
  jq -c '. + {brief_caption: .prompt, detailed_caption: "a red star at the top left."}' > encoded.jsonl

tune() {  # OUT OPTION...
  cot-sft --policy policy --out "$1" --steps 12 --batch 4 --lr 3e-3 --checkpoint-every 4 --quiet "${@:2}" < encoded.jsonl
}
last_loss() { tail -n 1 "$1" | jq .loss; }
tune exact > exact.jsonl
first=$(head -n 1 exact.jsonl | jq .loss)
equal "float32 learns" "$(jq -n "$(last_loss exact.jsonl) < 0.8 * $first")" true

declare -A ways=([bfloat16]="--dtype bfloat16" [coded]="--optimizer-8bit" [both]="--dtype bfloat16 --optimizer-8bit"
  [rounded]="--dtype bfloat16 --stochastic-rounding --optimizer-8bit")
for way in "${!ways[@]}"; do
  read -ra options <<< "${ways[$way]}"
  tune $way "${options[@]}" > $way.jsonl
  equal "$way learns as float32 does" "$(jq -n "($(last_loss $way.jsonl) / $(last_loss exact.jsonl) - 1 | fabs) < 0.05")" true
  tune part "${options[@]}" | head -n 5 > /dev/null || true  # its output closed under it is what stops it
  tune part "${options[@]}" > part.jsonl
  same "$way, resumed: weights" $way/model.safetensors part/model.safetensors
  same "$way, resumed: optimizer" $way/trainer/optimizer.safetensors part/trainer/optimizer.safetensors
  same "$way, resumed: metrics" <(jq -c .loss $way.jsonl) <(jq -c .loss part.jsonl)
  rm -r part
done
equal "bfloat16 weights are written as they are" "$(shard-cat bfloat16/model.safetensors --json |
  jq -c '[.tensors[].dtype] | unique')" '["bfloat16"]'
for policy in exact bfloat16; do
  same "$policy: the image tokenizer is passed on" \
    <(shard-cat policy/model.safetensors --tensor model.vqmodel.decoder.conv_in.weight) \
    <(shard-cat $policy/model.safetensors --tensor model.vqmodel.decoder.conv_in.weight)
done

# GRPO: log-probs of sampler and trainer are near each other in bfloat16 too, and a step at a time is all steps.
rollouts() {
  shapes-world prompts --split train --count 2 --seed "$2" | sample-group --policy "$1" --group 4 --max-cot 8 --no-images \
    --dtype bfloat16 --out "rollouts$2" --seed "$2" --quiet | jq -c '.reward = (.index % 2)'
}
cp -r bfloat16 rl && rm -r rl/trainer
for number in 1 2; do
  rollouts rl $number > scored$number.jsonl
  grpo-step --policy rl --lr 1e-4 --dtype bfloat16 --optimizer-8bit --quiet < scored$number.jsonl
done > grpo.jsonl
equal "on-policy" "$(jq -s 'map(.logprob_difference_max < 0.5 and .grad_norm > 0) | all' grpo.jsonl)" true
equal "published in bfloat16" "$(shard-cat rl/model.safetensors --json | jq -c '[.tensors[].dtype] | unique')" '["bfloat16"]'

# An adapter on bfloat16 weights is float32, and the weights' file stays as it is.
cot-sft --policy policy --out lora --steps 4 --batch 4 --lr 1e-2 --dtype bfloat16 --lora-rank 4 --quiet < encoded.jsonl > lora.jsonl
equal "the base is the same file" "$(stat -c %i lora/model.safetensors)" "$(stat -c %i policy/model.safetensors)"
equal "the adapter is float32" "$(shard-cat lora/adapter_model.safetensors --json | jq -c '[.tensors[].dtype] | unique')" '["float32"]'

# What cannot fit is refused before anything is loaded, and names a way out that works.
if tune none --max-memory 300M 2> error.txt > /dev/null; then fail "ran in 300 MiB"; fi
hint=$(sed -n 's/.*it would fit with //p' error.txt)
[[ $hint ]] || fail "no way out: $(cat error.txt)"
read -ra options <<< "$hint"
tune none --max-memory 300M "${options[@]}" > /dev/null
checks=$((checks + 1))
done_with precision
