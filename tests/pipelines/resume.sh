#!/usr/bin/env bash
# Kill -9 and Ctrl-C in turn at random moments in fine-tuning and in the RL loop; the same command again each time ends
# with the same bits as a run that nobody disturbed.
source "$(dirname "$0")/common.sh.inc"

janus-init --preset nano --seed 5 --out policy --quiet
shapes-world scenes --count 40 --seed 3 --out scenes --quiet > scenes.jsonl
caption-gen --annotator shapes --out annotations.jsonl scenes
vq-encode --policy policy --out tokens < annotations.jsonl > encoded.jsonl
for step in {1..31}; do
  shapes-world prompts --split train --count 3 --seed $step | jq -c --arg s $step '.id = "step" + $s + "-" + .id'
done > prompts.jsonl

sft() {  # OUT
  cot-sft --policy policy --out "$1" --steps 400 --batch 4 --lr 1e-3 --checkpoint-every 5 --input encoded.jsonl --output "$1.jsonl" --quiet
}
rl() {  # FOLDER (a copy of the fine-tuned policy) STEPS
  local first=1 now
  now=$(jq .policy_version "$1/easel.json")
  ((now - first < $2)) || return 0
  head -n $((3 * $2)) prompts.jsonl | tail -n +$(((now - first) * 3 + 1)) |
    sample-group --policy "$1" --follow --batch 3 --group 4 --max-cot 10 --seed 4 --out "$1-rollouts" --no-images |
    score-reward --expert 'level=exec:jq -c --unbuffered "{id, value: (.index % 3)}"' --quiet |
    grpo-step --policy "$1" --batch 3 --lr 1e-4 --entropy adaptive > /dev/null
}
# Runs "$@" in a process group of its own and stops the group at a random moment, `times` times. What runs in the background
# of a script does not see Ctrl-C, unless it is told to.
disturbed() {
  local times=$1 done=0 signals=(KILL KILL INT)
  shift
  for ((i = 0; i < times; i++)); do
    setsid env --default-signal=INT bash -c "$(declare -f sft rl demo); source_folder='$source_folder'; set -euo pipefail; $*" >> killed.log 2>&1 &
    local pid=$!
    sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
    if kill -${signals[i % 3]} -- -$pid 2>/dev/null; then done=$((done + 1)); fi
    wait $pid 2>/dev/null || true  # its status is that of a killed process
  done
  echo "  stopped $done times: $*"
}

sft calm
disturbed 15 sft wild
sft wild
same "fine-tuned weights" calm/model.safetensors wild/model.safetensors
same "optimizer state" calm/trainer/optimizer.safetensors wild/trainer/optimizer.safetensors
equal "metrics of every step" "$(jq -s 'map(.step) == [range(1; 401)]' wild.jsonl)" true

for name in calm-rl wild-rl; do cp -r calm $name && rm -rf $name/trainer; done
rl calm-rl 31
disturbed 15 rl wild-rl 30
rl wild-rl 31  # at least one step, which clears away what killed ones left
same "reinforced weights" calm-rl/model.safetensors wild-rl/model.safetensors
equal "versions" "$(jq .policy_version wild-rl/easel.json)" 32
[[ -z $(find . -name '*.tmp-easel*' -path '*wild-rl.*') ]] || fail "leftovers of killed runs"

# The pipeline itself, make killed with all that it started: the demo in small. The programs are on PATH
# already, in a folder whose name make might not take.
demo() {  # RUN
  make --no-print-directory -C "$source_folder" -f pipelines/nano.mk table RUN="$PWD/$1" BIN=. \
    SCENES=60 SFT_STEPS=40 RL_STEPS=5 RL_PROMPTS=4 RL_GROUP=4 MAX_COT=12 EVAL_PROMPTS=6 EVAL_IMAGES=1
}
demo calm-demo > calm-demo.log 2>&1 || { cat calm-demo.log; fail "the demo in small"; }
disturbed 6 demo wild-demo
demo wild-demo > wild-demo.log 2>&1 || { cat wild-demo.log; fail "the demo after kills"; }
same "weights of the demo" calm-demo/rl/model.safetensors wild-demo/rl/model.safetensors
equal "results of the demo" "$(jq -c '[.tasks, .overall]' wild-demo/eval-rl.json)" "$(jq -c '[.tasks, .overall]' calm-demo/eval-rl.json)"
done_with resume
