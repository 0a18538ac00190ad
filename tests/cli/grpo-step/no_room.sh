# Writes beyond the limit fail as they do on a full disk.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
(trap '' XFSZ; ulimit -f 1000; step < scored.jsonl > /dev/null)
echo "exit $?"
ls -A
step < scored.jsonl | grep -o "\"step\":1\|the policy changed"
