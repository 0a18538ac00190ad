#!/usr/bin/env bash
# Inputs from outside the nano world, read as they are: GenEval's 553 prompts, T2I-R1's prompt file,
# photographs. They are not part of the project; what is absent is skipped, and said to be.
source "$(dirname "$0")/common.sh.inc"
data=$source_folder/../shared/data

janus-init --preset nano --seed 5 --out policy --quiet

prompts=$data/geneval_evaluation_metadata.jsonl
if [[ -e $prompts ]]; then
  sample-group --policy policy --mode direct --group 1 --out run --quiet --input "$prompts" --output rollouts.jsonl
  equal "GenEval prompts drawn" "$(wc -l < rollouts.jsonl)" 553
  jq -c '[.tag, .["include"], .exclude, .prompt]' "$prompts" > asked.txt
  jq -c '[.tag, .["include"], .exclude, .prompt]' rollouts.jsonl > drawn.txt
  same "GenEval's fields pass through" asked.txt drawn.txt
  eval-geneval --detector shapes --output results.jsonl --summary summary.json --quiet < rollouts.jsonl
  equal "results" "$(jq -s 'map(.prompt) | length' results.jsonl)" 553
  equal "tasks" "$(jq -c '.tasks | map_values(.total)' summary.json)" \
    '{"single_object":80,"two_object":99,"counting":80,"colors":94,"position":100,"color_attr":100}'
  # GenEval's own folders, with detections that fulfil every prompt: all of them must count.
  n=0
  while IFS=$'\t' read -r image metadata; do
    folder=outputs/$(printf %05d "$n")
    mkdir -p "$folder/samples"
    printf '%s\n' "$metadata" > "$folder/metadata.jsonl"
    cp "$image" "$folder/samples/0000.png"
    n=$((n + 1))
  done < <(paste <(jq -r .image rollouts.jsonl) "$prompts")
  jq -c -n '[inputs] | to_entries[] | (.key | tostring | "00000"[length:] + .) as $n | .value["include"] as $wanted |
    {"left of": [-1, 0], "right of": [1, 0], "above": [0, -1], "below": [0, 1]} as $way |
    [$wanted | to_entries[] | .key as $i | .value as $c | range($c.count) |
      (if $c.position then $way[$c.position[0]] | map(. * 200) else [200 * $i + 60 * ., 0] end) as [$x, $y] |
      {class: $c.class, color: ($c.color // "red"), box: [500 + $x, 500 + $y, 550 + $x, 550 + $y, 0.99]}] |
    {filename: ($n + "/samples/0000.png"),
     detections: (group_by(.class) | map({key: .[0].class, value: map(.box)}) | from_entries),
     colors: (group_by(.class) | map({key: .[0].class, value: map(.color)}) | from_entries)}' "$prompts" > found.jsonl
  eval-geneval --detector replay:found.jsonl --images outputs --output official.jsonl --summary official.json --quiet
  equal "every prompt fulfilled" "$(jq '[.overall, (.tasks | map(.correct) | add)]' -c official.json)" '[1,553]'
else
  echo "skipped: GenEval's prompts are not beside the project (shared/data)"
fi

prompts=$data/t2i-r1_prompts.json
if [[ -e $prompts ]]; then
  sample-group --policy policy --mode direct --group 1 --max-prompt 700 --no-images --out t2i --quiet \
    --input "$prompts" --output t2i.jsonl
  jq -c '[.prompt, .nouns, .task_type]' "$prompts" > asked.txt
  jq -c '[.prompt, .nouns, .task_type]' t2i.jsonl > drawn.txt
  same "T2I-R1's prompts" asked.txt drawn.txt
else
  echo "skipped: T2I-R1's prompts are not beside the project (shared/data)"
fi

photographs=$source_folder/.deps/photographs
if "$source_folder/tests/photographs.sh" "$photographs" 2> fetch.txt; then
  mkdir -p "photos/ünter wegs/deep" photos/b
  cp "$photographs"/*.png photos/b
  cp "$photographs"/china.jpg "photos/ünter wegs/China, at night; 100%.JPG"
  cp "$photographs"/flower.jpg "photos/ünter wegs/deep/'flower' \$HOME.jpeg"
  cp "$photographs"/rocket.jpg "photos/-rocket.jpg"
  count=$(find photos -type f | wc -l)
  caption-gen --annotator 'exec:jq -c --unbuffered ". + {brief_caption: \"a photograph\", detailed_caption: \"a photograph of something.\"}"' \
    --out captions.jsonl photos
  equal "photographs annotated" "$(wc -l < captions.jsonl)" "$count"
  validate-jsonl --schema "$source_folder/schemas/annotation.v1.schema.json" --quiet < captions.jsonl || fail "captions.jsonl"
  vq-encode --policy policy --out tokens --quiet < captions.jsonl > encoded.jsonl
  vq-decode --policy policy --out decoded --quiet < encoded.jsonl > decoded.jsonl
  equal "photographs decoded" "$(find decoded -name '*.png' | wc -l)" "$count"
else
  echo "skipped: no photographs ($(tail -n 1 fetch.txt))"
fi
done_with real_inputs
