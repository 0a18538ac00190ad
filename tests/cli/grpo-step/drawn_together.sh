# Rollouts of one version come in for two steps: the second trains on what its own version did not draw. A rerun of the first
# alone goes on; what is older than the input's beginning is refused.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
printf 'a red circle\na blue star\n' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --out two --quiet |
  jq -c '.reward = .index % 2' > two.jsonl
cp -r p q
grpo-step --policy p --lr 1e-4 --batch 1 --quiet < two.jsonl | jq -c '[.step, .policy_version, .staleness]'
{ grpo-step --policy q --lr 1e-4 --batch 1 --steps 1 --quiet < two.jsonl; grpo-step --policy q --lr 1e-4 --batch 1 --quiet < two.jsonl; } |
  jq -c '[.step, .policy_version, .staleness]'
cmp p/model.safetensors q/model.safetensors && echo "the same weights"
jq -c '[.lineage[].program]' p/easel.json
grpo-step --policy p --lr 1e-3 --batch 1 < scored.jsonl
grpo-step --policy p --lr 1e-3 --batch 1 --max-staleness 2 --quiet < scored.jsonl | jq -c '[.step, .staleness]'
jq -c '[.lineage[].program]' p/easel.json
