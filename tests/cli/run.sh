#!/usr/bin/env bash
# Runs tests/cli/<program>/<case>.sh, each with `bash -uo pipefail` in a fresh folder with the built
# programs first on PATH. Beside a case stand
#   <case>.stdout   standard output, exactly (absent: not looked at)
#   <case>.stderr   extended regular expressions, a line each; every one must match some line of
#                   standard error, and there may be no more lines than patterns (absent: no output)
#   <case>.exit     the exit code (absent: 0)
# A case whose program was not built (no LibTorch) is skipped and counted.
#
#   [EASEL_JOBS=N] tests/cli/run.sh [--rewrite] [PATTERN...]   PATTERN: a part of "<program>/<case>"
#
# As many cases run at once as there are processors, or N.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export EASEL_SOURCE=${EASEL_SOURCE:-$(cd "$here/../.." && pwd)}
export EASEL_BIN=${EASEL_BIN:-$EASEL_SOURCE/build/bin}
export PATH=$EASEL_BIN:$PATH LC_ALL=C.UTF-8
rewrite=
[[ ${1:-} == --rewrite ]] && { rewrite=1; shift; }

work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
at_once=${EASEL_JOBS:-$(nproc)}  # cases that run beside each other

check_stderr() {  # PATTERNS ACTUAL
  local pattern
  while IFS= read -r pattern; do
    grep -qE -- "$pattern" "$2" || { echo "  no line on stderr matches: $pattern"; return 1; }
  done <"$1"
  if (($(wc -l <"$2") > $(wc -l <"$1"))); then
    echo "  more lines on stderr than expected"
    return 1
  fi
}

# One case: what is wrong with it goes to standard output in one piece, what came of it into $work/outcomes.
run_case() {  # NUMBER NAME SCRIPT
  local own=$work/$1 name=$2 script=$3 base=${3%.sh} code problem= found expected_code=0
  local folder=$own/case
  mkdir -p "$folder"
  (cd "$folder" && timeout 120 bash -uo pipefail "$script" >"$own/stdout" 2>"$own/stderr" </dev/null)
  code=$?
  if [[ $rewrite ]]; then
    [[ -e $base.stdout ]] && cp "$own/stdout" "$base.stdout"
    if [[ -s $own/stderr ]]; then
      sed -E 's/[][().*+?^${}|\\]/\\&/g' "$own/stderr" >"$base.stderr"
    else
      rm -f "$base.stderr"
    fi
    if ((code)); then echo "$code" >"$base.exit"; else rm -f "$base.exit"; fi
    echo "rewrote $name"
  else
    [[ -e $base.exit ]] && expected_code=$(<"$base.exit")
    ((code == expected_code)) || problem="  exit code $code, expected $expected_code"
    if [[ -e $base.stdout ]] && ! cmp -s "$base.stdout" "$own/stdout"; then
      problem+=$'\n'"$(diff "$base.stdout" "$own/stdout" | head -n 10)"
    fi
    if [[ -e $base.stderr ]]; then
      found=$(check_stderr "$base.stderr" "$own/stderr") || problem+=$'\n'"$found"
    elif [[ -s $own/stderr ]]; then
      problem+=$'\n'"  unexpected stderr"
    fi
    if [[ $problem ]]; then
      echo failed >>"$work/outcomes"
      printf 'FAILED %s\n%s\n%s\n' "$name" "$problem" "$(sed 's/^/  stderr: /' "$own/stderr" | head -n 10)"
    else
      echo passed >>"$work/outcomes"
    fi
  fi
  chmod -R u+w "$own" 2>/dev/null
  rm -rf "$own"
}

number=0 skipped=0
: >"$work/outcomes"
for script in "$here"/*/*.sh; do
  program=$(basename "$(dirname "$script")")
  name=$program/$(basename "$script" .sh)
  if (($#)); then
    wanted=
    for pattern; do [[ $name == *$pattern* ]] && wanted=1; done
    [[ $wanted ]] || continue
  fi
  if [[ ! -x $EASEL_BIN/$program ]]; then
    skipped=$((skipped + 1))
    continue
  fi
  while (($(jobs -rp | wc -l) >= at_once)); do wait -n; done
  number=$((number + 1))
  run_case $number "$name" "$script" &
done
wait
[[ $rewrite ]] && exit 0
passed=$(grep -c passed "$work/outcomes") failed=$(grep -c failed "$work/outcomes")
echo "$passed passed, $failed failed, $skipped skipped"
((passed == number && number > 0))
