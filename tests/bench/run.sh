#!/usr/bin/env bash
# The benchmarks: one line a figure, both sides in one run. Builds what it needs.
set -euo pipefail
shopt -s inherit_errexit  # a run that fails has no figure
cd "$(dirname "$0")/../.."
cmake --build build --target matmul-bench empty-torch >/dev/null
export PATH=$PWD/build/bin:$PWD/build/bench:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

seconds() {  # median wall seconds of 5 runs of "$@"
  for _ in 1 2 3 4 5; do
    local start=$EPOCHREALTIME
    "$@" >/dev/null 2>&1 </dev/null
    local end=$EPOCHREALTIME
    echo "$((${end/./} - ${start/./}))"
  done | sort -n | sed -n 3p | awk '{printf "%.4f", $1 / 1e6}'
}

echo "# start (s, median of 5)"
empty=$(seconds empty-torch)
echo "score-reward --version $(seconds score-reward --version)"
echo "sample-group --version $(seconds sample-group --version) beside an empty LibTorch program $empty"

echo "# JSONL through a filter (s, median of 5)"
line='{"id":"p0042-3","group_id":"p0042","group_size":1,"index":0,"prompt":"a red circle left of a blue star","cot":"a red circle at the middle left. a blue star at the top right.","image":"run/images/p0042-3.png","tokens":{"shard":"run/rollouts-000000.safetensors.zst","row":331},"policy_version":17,"finish":"stop","reward":1}'
yes "$line" | head -n 200000 >"$work/records.jsonl" || true  # yes is stopped by the closed pipe
filter() { validate-jsonl --schema schemas/rollout.v1.schema.json <"$work/records.jsonl"; }
pass() { cot-stats <"$work/records.jsonl"; }
plain() { jq -c . <"$work/records.jsonl"; }
echo "cot-stats $(seconds pass), validate-jsonl $(seconds filter), jq -c . $(seconds plain)"

echo "# matrix product, 1 thread"
matmul-bench 1
