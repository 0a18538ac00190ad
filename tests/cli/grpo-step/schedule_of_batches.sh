# The learning rate's schedule counts batches: their optimizer steps have one rate, and a batch that makes none passes.
cp -r "$EASEL_SOURCE/share/nano/base" p
shapes-world prompts --split train --count 8 --seed 1 | sample-group --policy p --mode direct --group 2 --out r --quiet |
  jq -c '.reward = (if .group_id == "train-00002" or .group_id == "train-00003" then 0 else .index end)' > r.jsonl
grpo-step --policy p --batch 2 --minibatch 1 --lr 0.004 --lr-decay linear --total-steps 4 --on-empty skip --quiet < r.jsonl | jq -c '[.step, .policy_version, .learning_rate]'
