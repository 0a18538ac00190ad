# Four pictures, one question, four answers: it has to look. A run that is cut goes on with the same bits.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 4 --seed 1 --out s --quiet |
  jq -c --argjson answers '["red","blue","green","white"]' '{id, image, question: "what is it?", answer: $answers[input_line_number - 1]}' > q.jsonl
learn() { answer-sft --policy p --out "$1" --steps 40 --batch 4 --lr 1e-3 --warmup 0 --system '' --threads 1 --input q.jsonl "${@:2}"; }
learn once --quiet | jq -sc '{steps: length, program: .[0].program, learnt: (.[0].text_loss > 1 and .[-1].text_loss < 0.1)}'
janus-answer --policy once --system '' --threads 1 < q.jsonl > all.jsonl
jq -c '{id, answer}' q.jsonl | cmp - <(jq -c '{id, answer}' all.jsonl) && echo "all answers"
# A function in the background is a shell of its own: its child is what is to be stopped.
(learn twice --checkpoint-every 5 --output m.jsonl & run=$!; until [[ -e twice/trainer ]]; do sleep 0.05; done; pkill -TERM -P $run; wait $run) 2> /dev/null
learn twice --checkpoint-every 5 --output m.jsonl --quiet
cmp once/model.safetensors twice/model.safetensors && echo "the same bits"
jq -s length m.jsonl
