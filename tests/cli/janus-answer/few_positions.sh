# An answer ends with the model's positions, where a question leaves fewer than it might take; a question of all of them is refused.
janus-init --preset nano --seed 3 --out p --quiet
shapes-world scenes --count 1 --seed 3 --out s > scenes.jsonl
tokens() { jq .text_config.max_position_embeddings=$1 p/config.json > c.json && cp c.json p/config.json; janus-answer --policy p --ask 'What is this?' < scenes.jsonl; }
long=$(tokens 1024 | jq -c '[.answer_finish, (.answer | length > 400)]')
echo "$long"
tokens 200 | jq -c '[.answer_finish, (.answer | length > 10)]'
tokens 100
