# One step for every two prompts' groups: those of a third are not trained on, and one alone makes no step.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
printf 'a red circle\na blue star\na green ring\n' | sample-group --text --policy p --group 2 --max-cot 4 --no-images --out three |
  jq -c '.reward = .index' > three.jsonl
grpo-step --policy p --lr 1e-4 --batch 2 --quiet < three.jsonl | jq -c '[.step, .rollouts]'
jq .policy_version p/easel.json
head -n 2 three.jsonl | step --batch 2 --quiet
