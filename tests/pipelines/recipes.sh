#!/usr/bin/env bash
# The recipes at nano scale, far too short to learn: every stage runs, the table has its rows, and the same command again
# does nothing but print it.
source "$(dirname "$0")/common.sh.inc"
bin=$(dirname "$(command -v cot-sft)")
few="SCALE=nano THREADS=1 SCENES=120 EVAL_PROMPTS=12 EVAL_IMAGES=1 SFT_STEPS=4 RL_STEPS=2 RL_PROMPTS=4 MAX_COT=24"
cd "$source_folder"
recipe() { make --no-print-directory -f "pipelines/$1.mk" $few "BIN=$bin" "RUN=$work/$1" table; }
for pair in t2i-r1:answers got-r1:plans; do
  name=${pair%:*} taught=$work/${pair/://}
  recipe $name > "$work/first.txt" 2> "$work/error.txt" || { tail "$work/error.txt" >&2; fail "$name stopped"; }
  equal "$name: versions" "$(jq .policy_version "$work/$name/rl/easel.json")" "$(($(jq .policy_version "$taught/easel.json") + 2))"
  recipe $name > "$work/second.txt" 2> "$work/error.txt"
  equal "$name: rows" "$(grep -cE '^(task|single_object|two_object|counting|colors|position|color_attr|overall|reward) ' "$work/second.txt")" 9
  same "$name: the same table" <(tail -n "$(wc -l < "$work/second.txt")" "$work/first.txt") "$work/second.txt"
done
done_with recipes
