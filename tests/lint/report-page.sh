#!/usr/bin/env bash
# run-report's page in a browser: drawn at 1200 and 375 pixels, in light and dark, without a message
# on the console and without running off a telephone's edge. Skipped where there is no chromium.
#
#   tests/lint/report-page.sh [BIN [FOLDER]]   FOLDER: keep the page and its pictures there
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(cd "${1:-${EASEL_BIN:-build/bin}}" && pwd)
browser=$(command -v chromium || command -v chromium-browser || true)  # neither: skipped below
if [[ -z $browser ]]; then
  echo "skipped: no chromium here"
  exit 0
fi
for program in run-report shapes-world score-reward eval-geneval; do
  [[ -x $bin/$program ]] || { echo "skipped: $program was not built"; exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work
if [[ ${2:-} ]]; then
  mkdir -p "$2"
  folder=$(cd "$2" && pwd)
fi
cd "$folder"

metrics() {  # PROGRAM-RECORD-PARTS as awk's printf arguments, over 120 steps
  awk -v seed="$1" 'BEGIN {
    srand(seed)
    for (s = 1; s <= 120; ++s) {
      t = s / 120; n = rand() - 0.5; r = 0.2 + (0.3 + 0.1 * seed) * (1 - exp(-3 * t)) + 0.05 * n
      printf "{\"program\":\"grpo-step\",\"step\":%d,\"policy_version\":%d,\"loss\":%f,", s, s, n / 50
      printf "\"policy_loss\":%f,\"kl\":%s,", n / 60, s == 40 ? "null" : 0.002 + 0.03 * t
      printf "\"text_entropy\":%f,\"image_entropy\":%f,", 2.4 - t / 2 + n / 20, 6.2 + t / 3 + n / 30
      printf "\"text_entropy_coefficient\":%f,\"image_entropy_coefficient\":%f,", -t / 500, t / 700
      printf "\"clip_fraction\":%f,\"reward_mean\":%f,\"reward_std\":%f,", 0.02 + n / 50, r, 0.2
      printf "\"rewards\":{\"shapes\":%f,\"soft\":%f},", r, r + 0.15
      printf "\"groups_kept\":%d,\"groups_dropped\":8,\"cot_length_mean\":%f,", 24 + 4 * n, 28 + 9 * t
      printf "\"grad_norm\":%f,\"learning_rate\":5e-06,", s == 70 ? 60 : 1 + n
      printf "\"finish_stop\":%f,\"finish_eos\":%f,\"finish_length\":0.01,", 0.9 + t / 20, 0.09 - t / 20
      printf "\"seconds\":%f,\"seconds_load\":0.3,\"seconds_forward\":%f,", 12 + n, 3 + n / 4
      printf "\"seconds_backward\":%f,\"seconds_optimizer\":0.8}\n", 6 + n / 3
    }
  }'
}
metrics 1 >adaptive.jsonl
metrics 3 >fixed.jsonl
"$bin/shapes-world" scenes --quiet --count 30 --out scenes >scenes.jsonl
awk '{ sub(/^{/, "{\"policy_version\":" int((NR - 1) / 6) * 20 ",\"cot\":\"A circle at the top left; <b>no</b> star.\","); print }' \
  scenes.jsonl | "$bin/score-reward" --quiet --expert shapes --expert soft=shapes:partial >rollouts.jsonl
"$bin/eval-geneval" --quiet --detector shapes --summary rl.json <scenes.jsonl >results.jsonl
"$bin/eval-geneval" --quiet --detector shapes --summary base.json --options threshold=0.9999 \
  <scenes.jsonl >results.jsonl
"$bin/run-report" --quiet --out run.html --title 'Adaptive entropy against fixed' adaptive.jsonl \
  fixed.jsonl --rollouts rollouts.jsonl --eval base=base.json --eval SFT+RL=rl.json

browse() {  # FURTHER FLAGS... URL; standard error to console.log
  local profile
  profile=$(mktemp -d -p "$work")
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
    --enable-logging=stderr --user-data-dir="$profile" "$@" 2>console.log
  if grep -E 'CONSOLE' console.log >&2; then
    echo "report-page: messages on the browser's console" >&2
    exit 1
  fi
}
# A window is never narrower than about 500 pixels; a frame is.
cat >phone.html <<'END'
<!DOCTYPE html><title>waiting</title><body style="margin:0">
<iframe src="run.html" style="width:375px;height:2400px;border:0"
  onload="document.title = 'width ' + this.contentDocument.documentElement.scrollWidth"></iframe>
END
browse --window-size=1200,2400 --screenshot=wide.png "file://$PWD/run.html"
browse --window-size=1200,2400 --screenshot=dark.png --blink-settings=preferredColorScheme=0 \
  "file://$PWD/run.html"
browse --allow-file-access-from-files --window-size=500,2400 --screenshot=phone.png "file://$PWD/phone.html"
for picture in wide.png dark.png phone.png; do
  (($(stat -c %s $picture) > 30000)) || { echo "report-page: $picture is empty" >&2; exit 1; }
done
cmp -s wide.png dark.png && { echo "report-page: dark looks as light does" >&2; exit 1; }
browse --allow-file-access-from-files --virtual-time-budget=5000 --dump-dom "file://$PWD/phone.html" \
  >phone.dom
grep -q '<title>width 375</title>' phone.dom || {
  echo "report-page: at 375 pixels the page is wider than that: $(grep -o '<title>[^<]*' phone.dom)" >&2
  exit 1
}
echo "report-page: ok"
