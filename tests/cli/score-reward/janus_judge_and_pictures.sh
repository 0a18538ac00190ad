# A picture that is missing is its record's fault, and the others are judged.
janus-init --preset nano --seed 3 --out p --quiet
janus-convert --policy p --to transformers --add-token ' yes' --add-token ' no' --out q --quiet
shapes-world scenes --count 1 --seed 3 --out s --quiet > scenes.jsonl
record() { jq -cn --arg id "$1" --arg image "$2" '{id: $id, group_id: $id, group_size: 1, index: 0, prompt: "a red star", cot: "", image: $image, finish: "stop"}'; }
{ record a gone.png; record b "$(jq -r .image scenes.jsonl)"; } | score-reward --quiet --expert orm:janus:q --max-bad 1 | jq -c '[.id, has("reward")]'
