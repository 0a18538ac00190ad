#!/usr/bin/env bash
# The recipes at nano scale, far too short to learn: every stage runs, the table has its rows, and the same command again
# does nothing but print it. So do ablations, and the judge that some of them ask.
source "$(dirname "$0")/common.sh.inc"
bin=$(dirname "$(command -v cot-sft)")
few="THREADS=1 SCENES=120 EVAL_PROMPTS=12 EVAL_IMAGES=1 SFT_STEPS=4 RL_STEPS=2 RL_PROMPTS=4 MAX_COT=24"
cd "$source_folder"
recipe() { make --no-print-directory -f "pipelines/$1.mk" $few "BIN=$bin" "RUN=$work/$1" "${@:2}"; }
for pair in reasongen-r1:sft t2i-r1:answers got-r1:plans; do
  name=${pair%:*} taught=$work/${pair/://}
  recipe $name SCALE=nano RL_SPARE=200 table > "$work/first.txt" 2> "$work/error.txt" || { tail "$work/error.txt" >&2; fail "$name stopped"; }
  equal "$name: versions" "$(jq .policy_version "$work/$name/rl/easel.json")" "$(($(jq .policy_version "$taught/easel.json") + 2))"
  recipe $name SCALE=nano table > "$work/second.txt" 2> "$work/error.txt"
  equal "$name: rows" "$(grep -cE '^(task|single_object|two_object|counting|colors|position|color_attr|overall|reward) ' "$work/second.txt")" 9
  same "$name: the same table" <(tail -n "$(wc -l < "$work/second.txt")" "$work/first.txt") "$work/second.txt"
done

make --no-print-directory -f pipelines/nano-judge.mk "BIN=$bin" "RUN=$work/judge" THREADS=1 SCENES=40 PROMPTS=24 IMAGES=2 STEPS=3 LOOK_STEPS=2 \
  BATCH=16 TEST_PROMPTS=12 table > "$work/judge.txt" 2> "$work/error.txt" || { tail "$work/error.txt" >&2; fail "nano-judge stopped"; }
equal "judge: rows" "$(grep -cE '^(task|single_object|two_object|counting|colors|position|color_attr|all) ' "$work/judge.txt")" 8
equal "judge: questions of drawn pictures, of those with another prompt, of scenes, of those with a changed one" \
  "$(jq -rs 'map(select(.question | startswith("is it")) | .id | split("-")[0]) | group_by(.) | map("\(.[0]) \(length)") | join(", ")' "$work/judge/questions.jsonl")" \
  "changed 40, other 24, scene 40, train 48"
equal "judge: scenes are what their prompts say" \
  "$(jq -rs 'map(select(.id | startswith("scene-scene")) | .answer) | unique | join(" ")' "$work/judge/questions.jsonl")" yes

make --no-print-directory -f pipelines/nano-layout-judge.mk "BIN=$bin" "RUN=$work/layout-judge" "PLANS=$work/plans-by-hand" THREADS=1 \
  -n table > "$work/plan.txt" 2> "$work/error.txt" || fail "nano-layout-judge: $(< "$work/error.txt")"

# Two arms and two seeds; the second ablation has an arm of the first, and takes it as it is.
ablate() { recipe got-r1 ABLATED="$work/ablated" SEEDS="1 2" "$@" > "$work/ablate.txt" 2> "$work/error.txt" || { tail "$work/error.txt" >&2; fail "$1 stopped"; }; }
ablate ablate-sum
equal "ablate-sum: columns" "$(grep '^task' "$work/ablate.txt" | tr -s ' ')" "task product sum"
equal "ablate-sum: spread" "$(grep -c '^reward .* +- .* +- ' "$work/ablate.txt")" 1
equal "ablate-sum: a page" "$(grep -c 'standard deviation over seeds' "$work/ablated/sum.html")" 1
ablate ablate-rewards ARMS_rewards="product:three pi"
equal "ablate-rewards: product was there, pi was not" "$(cd "$work/ablated" && grep -c '^[[:space:]]*sample-group --policy' seed-?/{product,pi}.log)" \
  "$(printf '%s\n' seed-{1,2}/product.log:0 seed-{1,2}/pi.log:2)"
equal "ablate-rewards: columns, one by another name" "$(grep "^task" "$work/ablate.txt" | tr -s " ")" "task three pi"
for arm in reasongen-r1:sft-rl:rl-alone:off:fixed:adaptive t2i-r1:both:semantic:token got-r1:layout:text; do
  IFS=: read -r name arms <<< "$arm"
  for one in ${arms//:/ }; do
    make -n -f "pipelines/$name.mk" SCALE=nano ARM="$one" "RUN=$work/none" "STAGES=$work/$name" arm > "$work/plan.txt" 2> "$work/error.txt" || fail "arm $one: $(< "$work/error.txt")"
  done
done
equal "an arm changes what it says" "$(grep -c -- '--spa-from text' "$work/plan.txt")" 1

# At real scale, as far as it can be seen without such a machine: what would run. Prompts come as one list or a line each.
long=$(printf 'a red circle and %.0s' {1..200})
printf '[{"prompt":"a"},{"prompt":"%s"},{"prompt":"b"}]' "$long" > "$work/prompts.json"
for name in reasongen-r1 t2i-r1 got-r1; do
  real() { make --no-print-directory -f "pipelines/$name.mk" "BIN=$bin" "RUN=$work/real-$name" BASE=base PICTURES=pictures ENDPOINT=https://judge.example/v1 \
    ANNOTATOR_MODEL=writer JUDGE=judge DETECTOR=./detect DETECT=./detect "BENCHMARK=$work/prompts.json" "$@"; }
  policy=$([[ $name != t2i-r1 ]] || echo POLICY=policy)
  real -n "PROMPTS=$work/prompts.json" $policy samples benchmark > "$work/plan.txt" 2> "$work/error.txt" || fail "$name, real: $(< "$work/error.txt")"
  equal "$name, real: no stage of the nano world" "$(grep -cE 'shapes-world|--annotator shapes|detector shapes|expert shapes' "$work/plan.txt")" 0
  equal "$name, real: on the GPU" "$(grep -E '(sample-group|grpo-step|cot-sft) .*--policy' "$work/plan.txt" | grep -vc -- --list-prompts)" "$(grep -cE -- '--device cuda --dtype bfloat16' "$work/plan.txt")"
  # What is too long is left out before the run.
  real "PROMPTS=$work/prompts.json" POLICY=share/nano/base RL_STEPS=2 RL_PROMPTS=2 "$work/real-$name/rl-prompts.jsonl" > "$work/plan.txt" 2> "$work/error.txt"
  equal "$name, real: what is too long" "$(grep -c 'tokens; expected at most.*skipped' "$work/error.txt")" 1
  equal "$name, real: prompts" "$(jq -sc 'map(.prompt) | unique' "$work/real-$name/rl-prompts.jsonl")" '["a","b"]'
  if real "PROMPTS=/dev/null" POLICY=share/nano/base "RUN=$work/none-$name" "$work/none-$name/rl-prompts.jsonl" > "$work/plan.txt" 2> "$work/error.txt"; then fail "$name: no prompt, and no error"; fi
  grep -q 'no prompt in them' "$work/error.txt" || fail "$name: no reason: $(< "$work/error.txt")"
done
# Several files: lines, records, whatever their ids.
printf 'c\r\n\nd\n' > "$work/lines.txt"
printf '{"id":"same","prompt":"e"}\n' > "$work/one.jsonl"
printf '{"id":"same","prompt":"f","nouns":["f"]}\n' > "$work/two.jsonl"
real "PROMPTS=$work/lines.txt $work/one.jsonl $work/two.jsonl" POLICY=share/nano/base "RUN=$work/several" "$work/several/prompts.jsonl" > "$work/plan.txt"
equal "real: prompts of several files" "$(jq -sc 'map([.prompt, .nouns]), (map(.id) | unique | length)' "$work/several/prompts.jsonl")" \
  "$(printf '%s\n' '[["c",null],["d",null],["e",null],["f",["f"]]]' 4)"
if real POLICY= "PROMPTS=$work/one.jsonl" "RUN=$work/none" samples 2> "$work/error.txt"; then fail "no policy, and no error"; fi
if make -f pipelines/t2i-r1.mk "RUN=$work/none" table 2>> "$work/error.txt"; then fail "a table at real scale"; fi
equal "real: what is missing is said" "$(grep -cE 'POLICY names|SCALE=nano' "$work/error.txt")" 2
done_with recipes
