# --steps stops reading: whoever writes on gets a closed pipe, and does not wait for ever.
source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
{ cat scored.jsonl; sleep 20; } | { timeout 15 grpo-step --policy p --lr 1e-4 --batch 1 --steps 1 --quiet | jq -c .step; echo "exit ${PIPESTATUS[0]}"; pkill -P $$ sleep; }
exit 0
