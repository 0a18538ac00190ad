# GenEval's fields decide where a record has them.
shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
sed -E 's/^\{/{"tag":"counting","include":[{"class":"dog","count":1}],/' r.jsonl | head -1 |
  score-reward --quiet --expert shapes | jq -c .reward
