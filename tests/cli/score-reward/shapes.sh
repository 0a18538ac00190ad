# What a scene's own prompt says holds; another prompt does not.
shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
score-reward --quiet --expert shapes --expert soft=shapes:partial --combine 'shapes + soft' <r.jsonl |
  jq -c '[.id, .rewards, .reward]'
sed -E 's/"prompt":"[^"]*"/"prompt":"nine red hearts"/' r.jsonl | score-reward --quiet --expert shapes |
  jq -c .reward
