# A policy as the annotator: a record an image in their order, and --resume after some are done.
janus-init --preset nano --seed 3 --out p --quiet
shapes-world scenes --count 4 --seed 3 --out s --quiet > /dev/null
caption-gen --annotator janus:p --threads 1 --out all.jsonl s
jq -c '[.id, (.brief_caption | length > 0), (.detailed_caption | length > 0), .annotator[0:7]]' all.jsonl
