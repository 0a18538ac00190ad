# What a chain plans, drawn: the detector sees it where it was planned. A malformed chain is a bad record.
plan() { jq -nc --arg cot "$2" '{id: $ARGS.named.id, cot: $cot, reward: 1}' --arg id "$1"; }
{
  plan a 'First <|obj_start|>a red star<|obj_end|> <|box_start|>(42,42),(291,291)<|box_end|>, then <|obj_start|>a blue ring<|obj_end|> <|box_start|>(708,708),(957,957)<|box_end|>.'
  plan b '<|obj_start|>a ring<|obj_end|> and no box'
} > rollouts.jsonl
shapes-world layouts --out drawn --max-bad 1 < rollouts.jsonl > layouts.jsonl
jq -c '{id, image, reward}' layouts.jsonl
jq -c '[.program, .counts, (.inputs | keys)]' drawn/manifest.json
shapes-world detect < layouts.jsonl | jq -c '.detections | map_values(map(map(. / 4 | floor * 4)))'
shapes-world layouts --out drawn < rollouts.jsonl > /dev/null
echo "exit $?"
