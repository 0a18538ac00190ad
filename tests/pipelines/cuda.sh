#!/usr/bin/env bash
# A GPU gives what the CPU gives: image tokens, chains, log-probs, answers, losses and gradients, in float32 up to
# rounding; and two runs on it, and one that stopped and went on, give the same bytes.
# EASEL_DEVICE names another device than cuda. Without one that LibTorch can use it is skipped.
source "$(dirname "$0")/common.sh.inc"
device=${EASEL_DEVICE:-cuda}
if ! janus-init --preset nano --seed 5 --device "$device" --out random --quiet 2> error.txt; then
  grep -q 'CUDA devices' error.txt || fail "$(cat error.txt)"
  echo "skipped: no device $device"
  exit 0
fi
base=$source_folder/share/nano/base
on() {  # DEVICE PROGRAM OPTION...
  "$2" --quiet --device "$1" "${@:3}"
}
near() {  # WHAT A B BOUND [FLOOR]: lists of numbers, relative to their size, at least FLOOR
  local worst
  worst=$(jq -n --argjson a "$2" --argjson b "$3" --argjson floor "${5:-1}" \
    '[[$a, $b] | transpose[] | (.[0] - .[1] | fabs) / ([(.[0] | fabs), (.[1] | fabs), $floor] | max)] | max')
  echo "  $1: largest difference $worst (bound $4)"
  [[ $(jq -n "$worst <= $4") == true ]] || fail "$1: $worst is more than $4"
  checks=$((checks + 1))
}
flat() { jq -c -s flatten <(rows "$1" "$2"); }  # SHARD TENSOR: its numbers as one list

# Pictures to tokens and back.
shapes-world scenes --count 24 --seed 3 --out scenes --quiet > scenes.jsonl
for d in cpu "$device"; do
  on "$d" vq-encode --policy "$base" --out "tokens-${d%:*}" < scenes.jsonl > "tokens-${d%:*}.jsonl"
done
gpu=${device%:*}
shard_in() { set -- "$1"/*.safetensors.zst; echo "$1"; }
same "image tokens of pictures" <(rows "$(shard_in tokens-cpu)" image_tokens) <(rows "$(shard_in "tokens-$gpu")" image_tokens)

# Sampling: greedy with guidance; drawn, with chains of different lengths, whatever the rows; in two passes.
shapes-world prompts --split test --count 4 --seed 7 > prompts.jsonl
draw() {  # DEVICE OUT OPTION...
  on "$1" sample-group --policy "$base" --group 4 --out "$2" "${@:3}" < prompts.jsonl > "$2.jsonl"
}
tokens_of() {
  for part in cot_ids image_tokens; do rows "$(shard_in "$1")" $part; done
}
for way in "greedy --mode direct --temperature 0 --cfg-weight 5" "drawn --max-cot 24" "pair --max-cot 24 --cfg-weight 3" \
           "passes --mode two-pass --max-cot 24" "few --max-cot 24 --rows 3"; do
  read -ra options <<< "$way"
  for d in cpu "$device"; do draw "$d" "${options[0]}-${d%:*}" "${options[@]:1}"; done
  same "${options[0]}: tokens" <(tokens_of "${options[0]}-cpu") <(tokens_of "${options[0]}-$gpu")
  same "${options[0]}: records" <(jq -c '{id, finish, cot}' "${options[0]}-cpu.jsonl") <(jq -c '{id, finish, cot}' "${options[0]}-$gpu.jsonl")
done
same "rows do not matter" <(tokens_of "drawn-$gpu") <(tokens_of "few-$gpu")
if python3 -c 'import numpy, PIL' 2> /dev/null; then
  worst=$(python3 - drawn-cpu/images "drawn-$gpu/images" <<- 'END'
	import pathlib, sys
	import numpy
	from PIL import Image
	pixels = lambda folder: numpy.stack([numpy.asarray(Image.open(f), int) for f in sorted(pathlib.Path(folder).rglob('*.png'))])
	print(abs(pixels(sys.argv[1]) - pixels(sys.argv[2])).max())
	END
  )
  equal "decoded pixels" "$(jq -n "$worst <= 1")" true
fi

# What was recorded on the GPU is what the CPU computes.
policy-logprobs --quiet --policy "$base" --out logprobs-cpu < "drawn-$gpu.jsonl" > logprobs-cpu.jsonl
on "$device" policy-logprobs --policy "$base" --out "logprobs-$gpu" < "drawn-$gpu.jsonl" > "logprobs-$gpu.jsonl"
for part in image_logprobs image_entropy cot_entropy; do
  near "$part" "$(flat "$(shard_in logprobs-cpu)" $part)" "$(flat "$(shard_in "logprobs-$gpu")" $part)" 2e-5
done
near "recorded log-probs" "$(flat "$(shard_in logprobs-cpu)" image_logprobs)" "$(flat "$(shard_in "drawn-$gpu")" image_sampling_logprobs)" 2e-5

# A step of everything: KL, both entropies, guidance's constant branch.
jq -c '.reward = .index % 3' "pair-$gpu.jsonl" > scored.jsonl
step() {  # DEVICE POLICY GUIDANCE OPTION...: metrics
  cp -r "$base" "$2"
  chmod -R u+w "$2"
  on "$1" grpo-step --policy "$2" --reference "$base" --kl-weight 0.01 --lr 1e-3 --entropy adaptive:0.5,0.6 --cfg-weight "$3" \
    --microbatch-tokens 512 "${@:4}" < scored.jsonl > "$2.jsonl"
}
step cpu step-cpu 3
step "$device" "step-$gpu" 3
step "$device" "step-$gpu-again" 3
fields='[.loss, .grad_norm, .text_entropy, .image_entropy, .ratio_mean]'
near "a step's loss, gradient and entropies" "$(jq -c "$fields" step-cpu.jsonl)" "$(jq -c "$fields" "step-$gpu.jsonl")" 1e-4 0.01
same "two steps on the GPU: weights" "step-$gpu/model.safetensors" "step-$gpu-again/model.safetensors"
head_of() { jq -c -s 'flatten | .[:4096]' <(shard-cat "$1/model.safetensors" --tensor model.generation_head.proj_out.weight --json); }
near "updated weights" "$(head_of step-cpu)" "$(head_of "step-$gpu")" 2e-3

# Fine-tuning, stopped and gone on; with an adapter; in bfloat16 with the optimizer's state in every form.
jq -c '. + {brief_caption: .prompt, detailed_caption: "a red star at the top left."}' "tokens-$gpu.jsonl" > encoded.jsonl
tune() {  # DEVICE OUT OPTION...: metrics
  on "$1" cot-sft --policy "$base" --out "$2" --steps 6 --batch 8 --lr 1e-3 --checkpoint-every 2 "${@:3}" < encoded.jsonl
}
tune cpu sft-cpu > sft-cpu.jsonl
tune "$device" "sft-$gpu" > "sft-$gpu.jsonl"
near "fine-tuning's losses" "$(jq -s -c 'map(.loss)' sft-cpu.jsonl)" "$(jq -s -c 'map(.loss)' "sft-$gpu.jsonl")" 1e-3
tune "$device" part | head -n 3 > /dev/null || true  # its output closed under it is what stops it
tune "$device" part > /dev/null
same "stopped and gone on: weights" "sft-$gpu/model.safetensors" part/model.safetensors
for way in "adapter --lora-rank 4 --recompute" "half --dtype bfloat16 --optimizer-8bit --stochastic-rounding" \
           "host --dtype bfloat16 --optimizer-8bit --optimizer-on-host"; do
  read -ra options <<< "$way"
  tune "$device" "${options[0]}" "${options[@]:1}" > "${options[0]}.jsonl"
  equal "${options[0]} learns" "$(jq -s '.[-1].loss < .[0].loss' "${options[0]}.jsonl")" true
done

# Sampler and trainer agree in bfloat16 too.
draw "$device" narrow --max-cot 24 --dtype bfloat16
jq -c '.reward = .index % 3' narrow.jsonl > scored.jsonl
step "$device" step-narrow 1 --dtype bfloat16
equal "bfloat16: log-probs of sampler and trainer" "$(jq '.logprob_difference_max < 0.5 and .grad_norm > 0' step-narrow.jsonl)" true

# Pictures are answered alike.
for d in cpu "$device"; do
  head -n 6 scenes.jsonl | on "$d" janus-answer --policy random --ask 'What is in the image?' --max-tokens 24 > "answers-${d%:*}.jsonl"
done
same "answers" answers-cpu.jsonl "answers-$gpu.jsonl"
done_with cuda
