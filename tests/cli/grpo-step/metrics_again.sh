# A killed pipeline is simply run again: the metrics of steps already made come again, each once.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
printf 'a red circle\na blue star\n' | sample-group --text --policy p --group 2 --max-cot 4 --no-images --out two |
  jq -c '.reward = .index' > two.jsonl
grpo-step --policy p --lr 1e-4 --quiet --minibatch 1 --output first.jsonl < two.jsonl
grpo-step --policy p --lr 1e-4 --quiet --minibatch 1 --output second.jsonl < two.jsonl
cmp first.jsonl second.jsonl && wc -l < second.jsonl
