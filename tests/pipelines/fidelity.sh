#!/usr/bin/env bash
# Six random checkpoints of Janus-Pro's own 576 image tokens and 384 x 384 pictures, full and grouped heads, in both
# layouts, float32 and bfloat16 on disk: log-probs (those computed in bfloat16 as near as its own are), greedy pictures under guidance, codes of pictures, decoded
# pictures and greedy answers are transformers'. Needs a Python with transformers (EASEL_PYTHON names it); without
# one it is skipped. EASEL_SIZED: names out of tests/numerics/make_sized.py.
source "$(dirname "$0")/common.sh.inc"
need_python torch transformers PIL
numerics=$source_folder/tests/numerics
read -ra names <<< "${EASEL_SIZED:-plain grouped shared odd deep picture}"
"$python" "$numerics/make_sized.py" "$source_folder/share/nano/base" . "${names[@]}" 2> making.txt || { cat making.txt >&2; fail "no checkpoints"; }

# Two pictures of the size that the policies draw: noise over gradients, which no code repeats on.
"$python" - << 'PY'
import numpy as np
from PIL import Image
for i, name in enumerate(("a", "b")):
    rng = np.random.default_rng(i)
    y, x = np.mgrid[0:384, 0:384] / 384
    waves = [np.sin(2 * np.pi * (rng.uniform(-3, 3) * x + rng.uniform(-3, 3) * y + rng.uniform())) for _ in range(3)]
    picture = 127 + 90 * np.stack(waves, -1) + rng.normal(0, 12, (384, 384, 3))
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(f"{name}.png")
PY
mkdir pictures && mv a.png b.png pictures/
pictures='{"id":"a","image":"pictures/a.png"}
{"id":"b","image":"pictures/b.png"}'
system="You look at pictures." question="What is in the picture?" most=24

figures() {  # POLICY: figures.json of what we draw and compute
  sample-group --text --policy "$1" --mode direct --group 1 --temperature 0 --cfg-weight 5 --no-images --out greedy \
    --quiet <<< 'a red circle' > /dev/null
  sample-group --text --policy "$1" --group 2 --max-cot 12 --no-images --out single --quiet \
    <<< 'a blue star left of a green heart' > single.jsonl
  policy-logprobs --policy "$1" --out probs --quiet < single.jsonl > /dev/null
  local g=greedy/rollouts-000000.safetensors.zst s=single/rollouts-000000.safetensors.zst l=probs/logprobs-000000.safetensors.zst
  figures_of $g $s $l > figures.json
  rm -r probs
  policy-logprobs --policy "$1" --dtype bfloat16 --out probs --quiet < single.jsonl > /dev/null
  figures_of $g $s $l | jq '.rows |= map(select(.kind != "greedy"))' > rounded.json
  rm -rf greedy single probs
}
report() {  # NAME COMMAND...: a line a figure
  "${@:2}" > report.txt 2>&1 || { cat report.txt >&2; fail "$1: transformers disagrees"; }
  sed "s/^/$1: /" report.txt | grep ': ok'
  checks=$((checks + $(grep -c '^ok' report.txt)))
}

for name in "${names[@]}"; do
  stored=float32
  [[ $name == deep ]] && stored=bfloat16  # its weights are exact in it
  "$python" "$numerics/make_checkpoints.py" $name forms --dtype $stored > /dev/null 2>&1 || fail "$name: no other forms"
  figures $name
  report $name "$python" "$numerics/check_written.py" $name figures.json --tolerance 1e-5
  report $name "$python" "$numerics/check_written.py" $name rounded.json --bfloat16
  mv figures.json expected.json
  figures forms/deepseek
  same "$name: the same from DeepSeek's layout, $stored" expected.json figures.json

  vq-encode --policy $name --out codes --quiet <<< "$pictures" > encoded.jsonl
  rows codes/tokens-000000.safetensors.zst image_tokens | jq -s '{a: .[0], b: .[1]}' > encoded.json
  vq-decode --policy $name --out decoded --quiet < encoded.jsonl > /dev/null
  janus-answer --policy $name --system "$system" --ask "answer=$question" --max-tokens $most --quiet --threads 1 \
    <<< "$pictures" | jq -s 'map({(.id): .answer}) | add' > answers.json
  report $name "$python" "$numerics/check_pictures.py" $name pictures encoded.json decoded encoded.json answers.json \
    "$system" "$question" $most
  rm -rf codes decoded forms
done
done_with fidelity
