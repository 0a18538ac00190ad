# SIGTERM between two checkpoints: what was finished is kept, and the same command goes on.
source "$EASEL_SOURCE/tests/cli/cot-sft/data.inc"
train() { cot-sft --policy p --out q --steps 400 --batch 2 --checkpoint-every 5 --input b.jsonl --output m.jsonl --threads 1; }
train 2> first.log &
until [[ -e q ]]; do sleep 0.02; done
kill -TERM $(pgrep -P $!  || echo $!)
wait $!
echo "exit $?"
cat first.log >&2
[[ -e m.jsonl ]] && echo "metrics of half a run"
train 2> second.log
echo "exit $?"
sed -E 's/step [0-9]+/step N/' second.log >&2
jq -s 'map(.step) == [range(1; 401)]' m.jsonl
