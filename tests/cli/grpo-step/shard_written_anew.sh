# A second run into the same folder has replaced the shard whose rows these records name: the step is not of its tokens.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
echo 'a red circle' | sample-group --text --policy p --group 4 --max-cot 6 --no-images --seed 2 --out run > /dev/null
step < scored.jsonl
code=$?
policy-logprobs --policy p --out again < scored.jsonl | wc -l
vq-decode --policy p --out pictures < scored.jsonl | wc -l
exit $code
