# SIGTERM while it waits for rollouts.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
mkfifo pipe
grpo-step --policy p --lr 1e-4 < pipe &
exec 3> pipe
head -n 1 scored.jsonl >&3
sleep 1
kill -TERM $!
wait $!
echo "exit $?"
