#!/usr/bin/env bash
# Adapters: trained by cot-sft and grpo-step, sampled from, resumed, merged; PEFT loads what we write and computes
# the same log-probs, and we load what PEFT writes. The part with PEFT needs a Python with peft and transformers
# (EASEL_PYTHON names it); without one it is skipped.
source "$(dirname "$0")/common.sh.inc"
python=${EASEL_PYTHON:-python3}

janus-init --preset nano --seed 5 --out policy --quiet
shapes-world scenes --count 12 --seed 2 --out scenes --quiet | vq-encode --policy policy --out tokens --quiet |
  jq -c '. + {brief_caption: .prompt, detailed_caption: "a red star at the top left."}' > encoded.jsonl
lora="--lora-rank 4 --lora-alpha 8"
cot-sft --policy policy --out sft --steps 6 --batch 4 --lr 1e-2 $lora --quiet < encoded.jsonl > sft.jsonl
equal "the base is the same file" "$(stat -c %i sft/model.safetensors)" "$(stat -c %i policy/model.safetensors)"
cot-sft --policy policy --out again --steps 6 --batch 4 --lr 1e-2 $lora --recompute --quiet < encoded.jsonl > /dev/null
same "recomputed layers, the same bits" sft/adapter_model.safetensors again/adapter_model.safetensors

# A run that is stopped and goes on.
cot-sft --policy policy --out part --steps 6 --batch 4 --lr 1e-2 $lora --checkpoint-every 2 --quiet < encoded.jsonl |
  head -n 3 > /dev/null || true  # its output closed under it is what stops it
cot-sft --policy policy --out part --steps 6 --batch 4 --lr 1e-2 $lora --checkpoint-every 2 --quiet < encoded.jsonl > /dev/null
same "resumed" sft/adapter_model.safetensors part/adapter_model.safetensors

# GRPO on it: what was drawn from the merged weights has the log-probs of the pairs.
step() {
  shapes-world prompts --split train --count 3 --seed "$1" | sample-group --policy rl --group 4 --max-cot 8 --no-images \
    --out "rollouts$1" --seed "$1" --quiet | jq -c '.reward = (.index % 2)' |
    grpo-step --policy rl --lr 1e-3 $lora --quiet
}
cp -r sft rl && rm -r rl/trainer
step 1 > grpo.jsonl
step 2 >> grpo.jsonl
equal "on-policy" "$(jq -s 'map(.logprob_difference_max < 1e-5) | all' grpo.jsonl)" true
equal "version" "$(jq .policy_version rl/easel.json)" 3
if grpo-step --policy rl --lr 1e-3 --quiet < /dev/null 2> error.txt; then fail "trained the base under an adapter"; fi
grep -q 'has an adapter of rank 4' error.txt || fail "no word about the adapter: $(cat error.txt)"

# The KL term is to the weights under the adapter, unless another reference is named.
for reference in "" "--reference policy"; do
  cp -r rl near
  echo 'a red star' | sample-group --text --policy near --group 4 --max-cot 8 --no-images --out near-drawn --quiet |
    jq -c '.reward = (.index % 2)' | grpo-step --policy near --lr 1e-3 $lora --kl-weight 0.1 $reference --quiet | jq .kl >> kl.txt
  sha256sum < near/adapter_model.safetensors >> kl.txt
  rm -r near near-drawn
done
same "both references" <(head -n 2 kl.txt) <(tail -n 2 kl.txt)
equal "KL to the base" "$(jq -n "$(head -n 1 kl.txt) > 0")" true

janus-convert --policy rl --to transformers --merge-lora --out merged
for policy in rl merged; do
  echo 'a red circle' | sample-group --text --policy $policy --max-cot 8 --group 2 --no-images --out $policy-drawn --quiet > $policy.jsonl
done
same "merged, the same rollouts" <(shard-cat rl-drawn/*.zst --tensor image_tokens --json) <(shard-cat merged-drawn/*.zst --tensor image_tokens --json)

if "$python" -c 'import peft, transformers; transformers.JanusForConditionalGeneration' 2> /dev/null; then
  policy-logprobs --policy merged --out probs --quiet < merged.jsonl > /dev/null
  "$python" "$source_folder/tests/numerics/check_adapter.py" policy rl written \
    <(shard-cat merged-drawn/*.zst --tensor prompt_ids --json) <(shard-cat merged-drawn/*.zst --tensor cot_ids --json) \
    <(shard-cat probs/*.zst --tensor cot_logprobs --json) || fail "PEFT disagrees"
  # What PEFT wrote, with the values it had read, is the same adapter.
  mkdir theirs && cp policy/* theirs/ && cp written/adapter_* theirs/
  janus-convert --policy theirs --to transformers --merge-lora --out theirs-merged
  same "PEFT's files" merged/model.safetensors theirs-merged/model.safetensors
  checks=$((checks + 1))
else
  echo "skipped in part: $python has no peft (EASEL_PYTHON names another)"
fi
done_with peft
