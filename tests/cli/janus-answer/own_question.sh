# Greedy answers of a random policy: the same whatever the batch; two fields; words at the first position.
janus-init --preset nano --seed 3 --out p --quiet
shapes-world scenes --count 3 --seed 3 --out s > scenes.jsonl
janus-answer --policy p --ask 'What is this?' --ask 'short=In a word?' --max-tokens 6 --words black --words blue --batch 1 < scenes.jsonl > one.jsonl
janus-answer --policy p --ask 'What is this?' --ask 'short=In a word?' --max-tokens 6 --words black --words blue --batch 5 < scenes.jsonl > five.jsonl
cmp <(jq -c '[.answer, .short]' one.jsonl) <(jq -c '[.answer, .short]' five.jsonl) && echo same answers
jq -c '.word_probabilities | keys_unsorted, (map_values(. > 0 and . < 1) | [.[]] | unique)' five.jsonl | sort -u
jq -c '{id, image, question: "What color?"}' scenes.jsonl | janus-answer --policy p --max-tokens 4 | jq -c 'has("answer")' | uniq -c | awk '{print $1, $2}'
# An answer that its limit cut says so.
jq -c '.answer_finish' one.jsonl | sort | uniq -c | awk '{print $1, $2}'
