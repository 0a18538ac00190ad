# Another set of trained parameters than the optimizer's state on disk is for: what was, what is, and the way out.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
draw() { echo 'a red circle' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --out "$1" | jq -c '.reward = .index % 2'; }
grpo-step --policy p --lr 1e-4 --freeze decoder --optimizer-8bit --quiet < scored.jsonl | jq .step
draw second > second.jsonl
grpo-step --policy p --lr 1e-4 --quiet < second.jsonl; echo "exit $?"
grpo-step --policy p --lr 1e-4 --freeze gen_head --quiet < second.jsonl; echo "exit $?"
grpo-step --policy p --lr 1e-4 --optimizer-8bit --freeze decoder --quiet < second.jsonl | jq .step
draw third > third.jsonl
rm -r p/trainer
grpo-step --policy p --lr 1e-4 --quiet < third.jsonl | jq .step
