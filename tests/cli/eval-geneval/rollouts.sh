shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
eval-geneval --quiet --detector shapes --summary s.json <r.jsonl | jq -c '[.filename, .correct, .reason]'
jq -c '[.images, .prompts, .correct_images, .correct_prompts, .overall]' s.json
