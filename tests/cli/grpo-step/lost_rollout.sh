# A bad record that --max-bad passes over: its group is whole without it, counted, and not trained on.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
printf 'a red circle\na blue star\n' | sample-group --text --policy p --group 2 --max-cot 4 --no-images --out two |
  jq -c 'if .group_id == "00001" and .index == 1 then .reward = "high" else .reward = .index end' > two.jsonl
jq -r .group_id two.jsonl | sort -u | tr '\n' ' '
grpo-step --policy p --lr 1e-4 --batch 2 --max-bad 1 < two.jsonl 2> notes | jq -c '[.step, .groups_kept, .groups_dropped, .rollouts]'
grep skipped notes
