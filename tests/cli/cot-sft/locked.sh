# Two at once on one folder would mix the weights of one with the optimizer state of the other.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
train() { cot-sft --policy p --out q --steps 100000 --batch 2 --checkpoint-every 5 --input b.jsonl --threads 1 "$@"; }
train --output m.jsonl 2> /dev/null &
until [[ -e q ]]; do sleep 0.02; done
train --output n.jsonl
echo "exit $?"
kill -9 $(pgrep -P $! || echo $!)
