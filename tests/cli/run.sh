#!/usr/bin/env bash
# Runs tests/cli/<program>/<case>.sh, each with `bash -uo pipefail` in a fresh folder with the built
# programs first on PATH. Beside a case stand
#   <case>.stdout   standard output, exactly (absent: not looked at)
#   <case>.stderr   extended regular expressions, a line each; every one must match some line of
#                   standard error, and there may be no more lines than patterns (absent: no output)
#   <case>.exit     the exit code (absent: 0)
# A case whose program was not built (no LibTorch) is skipped and counted.
#
#   tests/cli/run.sh [--rewrite] [PATTERN...]   PATTERN: a part of "<program>/<case>"
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export EASEL_SOURCE=${EASEL_SOURCE:-$(cd "$here/../.." && pwd)}
export EASEL_BIN=${EASEL_BIN:-$EASEL_SOURCE/build/bin}
export PATH=$EASEL_BIN:$PATH LC_ALL=C.UTF-8
rewrite=
[[ ${1:-} == --rewrite ]] && { rewrite=1; shift; }

work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

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
  base=${script%.sh}
  folder=$work/case
  chmod -R u+w "$folder" 2>/dev/null
  rm -rf "$folder"
  mkdir "$folder"
  (cd "$folder" && timeout 120 bash -uo pipefail "$script" >"$work/stdout" 2>"$work/stderr" </dev/null)
  code=$?
  if [[ $rewrite ]]; then
    [[ -e $base.stdout ]] && cp "$work/stdout" "$base.stdout"
    if [[ -s $work/stderr ]]; then
      sed -E 's/[][().*+?^${}|\\]/\\&/g' "$work/stderr" >"$base.stderr"
    else
      rm -f "$base.stderr"
    fi
    if ((code)); then echo "$code" >"$base.exit"; else rm -f "$base.exit"; fi
    echo "rewrote $name"
    continue
  fi
  problem=
  expected_code=0
  [[ -e $base.exit ]] && expected_code=$(<"$base.exit")
  ((code == expected_code)) || problem="  exit code $code, expected $expected_code"
  if [[ -e $base.stdout ]] && ! cmp -s "$base.stdout" "$work/stdout"; then
    problem+=$'\n'"$(diff "$base.stdout" "$work/stdout" | head -n 10)"
  fi
  if [[ -e $base.stderr ]]; then
    found=$(check_stderr "$base.stderr" "$work/stderr") || problem+=$'\n'"$found"
  elif [[ -s $work/stderr ]]; then
    problem+=$'\n'"  unexpected stderr"
  fi
  if [[ $problem ]]; then
    failed=$((failed + 1))
    echo "FAILED $name"
    echo "$problem"
    sed 's/^/  stderr: /' "$work/stderr" | head -n 10
  else
    passed=$((passed + 1))
  fi
done
[[ $rewrite ]] && exit 0
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
