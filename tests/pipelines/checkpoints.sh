#!/usr/bin/env bash
# Every form that a checkpoint comes in is the same policy: DeepSeek's and transformers' names, torch.save's files
# whole, in parts and wrapped, float32 and bfloat16; converted there and back the tensors have the same bytes,
# and transformers loads the result. Needs a Python with transformers and torch (EASEL_PYTHON names it); without
# one it is skipped.
source "$(dirname "$0")/common.sh.inc"
need_python torch transformers
numerics=$source_folder/tests/numerics

figures() {  # POLICY: what it draws and its log-probs, as text
  sample-group --text --policy "$1" --group 2 --max-cot 8 --no-images --out "drawn" --quiet \
    <<< $'a red circle\na blue star left of a green heart' > drawn.jsonl
  policy-logprobs --policy "$1" --out "probs" --quiet < drawn.jsonl > /dev/null
  shard-cat drawn/rollouts-000000.safetensors.zst --tensor image_tokens --json
  shard-cat probs/logprobs-000000.safetensors.zst --tensor cot_logprobs --json
  shard-cat probs/logprobs-000000.safetensors.zst --tensor image_logprobs --json
  rm -rf drawn probs
}

janus-init --preset nano --seed 5 --out policy --quiet
figures policy > expected.txt
for dtype in float32 bfloat16; do
  "$python" "$numerics/make_checkpoints.py" policy $dtype --dtype $dtype
  if [[ $dtype == bfloat16 ]]; then
    janus-convert --policy policy --to transformers --dtype bfloat16 --out rounded
    figures rounded > expected.txt
  fi
  for form in deepseek deepseek-parts transformers wrapped; do
    figures $dtype/$form > got.txt
    same "$dtype, $form: the same figures" expected.txt got.txt
    janus-convert --policy $dtype/$form --to transformers --out there
    janus-convert --policy there --to deepseek --out back
    figures there > got.txt
    same "$dtype, $form, converted" expected.txt got.txt
    figures back > got.txt
    same "$dtype, $form, converted back" expected.txt got.txt
    rm -r there back
  done
  # DeepSeek's file, to transformers and back, by a reader that we did not write.
  janus-convert --policy $dtype/deepseek --to transformers --out there
  janus-convert --policy there --to deepseek --out back
  "$python" - $dtype/deepseek/pytorch_model.bin back/model.safetensors there <<'P' || fail "$dtype: tensors differ"
import sys, torch
from safetensors.torch import load_file
from transformers import JanusForConditionalGeneration
before, after = torch.load(sys.argv[1]), load_file(sys.argv[2])
dropped = {n for n in before if "attn_pool" in n or n.endswith("codebook_used")}
assert set(before) - dropped == set(after), set(before) ^ set(after)
for name, tensor in after.items():
    assert before[name].dtype == tensor.dtype and torch.equal(before[name], tensor), name
model, report = JanusForConditionalGeneration.from_pretrained(sys.argv[3], output_loading_info=True)
assert not any(report[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
P
  checks=$((checks + 1))
  rm -r there back
done
done_with checkpoints
