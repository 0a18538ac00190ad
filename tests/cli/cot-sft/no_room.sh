# Writes beyond the limit fail as they do on a full disk.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
(trap '' XFSZ; ulimit -f 1000; cot-sft --policy p --out q --steps 2 --batch 2 < b.jsonl > /dev/null)
echo "exit $?"
ls -A | grep q | grep -v '^[.]q[.]lock$' || echo "no q, nothing left over"
cot-sft --policy p --out q --steps 2 --batch 2 < b.jsonl | jq -c .step
