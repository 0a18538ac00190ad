#!/usr/bin/env bash
# A folder that we write, loaded by Hugging Face transformers: no missing and no unexpected weight, the
# same log-probs, the same greedy images under guidance. Needs a Python with transformers and torch
# (EASEL_PYTHON names it; tests/numerics/requirements.txt says which); without one it is skipped.
source "$(dirname "$0")/common.sh.inc"
need_python torch transformers
prompts=$'a red circle\na blue star left of a green heart\nfive dogs on a photo of a poster'
janus-init --preset nano --seed 5 --out random --quiet
shapes-world scenes --count 16 --seed 2 --out scenes --quiet |
  vq-encode --policy random --out tokens --quiet > encoded.jsonl
jq -c '. + {brief_caption: .prompt, detailed_caption: "a red star at the top left."}' encoded.jsonl |
  cot-sft --policy random --out trained --steps 3 --batch 4 --lr 1e-3 --quiet > sft.jsonl

for policy in random trained; do
  sample-group --text --policy $policy --mode direct --group 1 --temperature 0 --cfg-weight 5 --no-images \
    --out $policy-greedy --quiet <<< "$prompts" > greedy.jsonl
  sample-group --text --policy $policy --group 2 --max-cot 12 --no-images --out $policy-single --quiet \
    <<< "$prompts" > single.jsonl
  policy-logprobs --policy $policy --out $policy-logprobs --quiet < single.jsonl > with.jsonl
  g=$policy-greedy/rollouts-000000.safetensors.zst s=$policy-single/rollouts-000000.safetensors.zst
  l=$policy-logprobs/logprobs-000000.safetensors.zst
  figures_of $g $s $l > figures.json
  "$python" "$source_folder/tests/numerics/check_written.py" $policy figures.json --tolerance 1e-5 > report.txt 2>&1 ||
    { cat report.txt >&2; fail "$policy: transformers disagrees"; }
  checks=$((checks + $(grep -c '^ok' report.txt)))
done
done_with transformers
