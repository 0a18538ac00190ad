#!/usr/bin/env bash
# Help, man page and completion of every program come from one table of options. Checks that the
# committed pages are what the programs print, that usage names the right program and has a runnable
# example, and that --version works.
#
#   tests/lint/man_pages.sh [--rewrite] BIN [MAN]
set -euo pipefail
rewrite=
[[ ${1:-} == --rewrite ]] && { rewrite=1; shift; }
bin=$1
man=${2:-man}
bad=0
complain() {
  echo "lint: $1" >&2
  bad=1
}
for program in "$bin"/*; do
  name=$(basename "$program")
  [[ -f tools/$name.cpp ]] || continue
  page=$man/$name.1
  if [[ $rewrite ]]; then
    "$program" --man >"$page"
    continue
  fi
  [[ -f $page ]] && cmp -s "$page" <("$program" --man) ||
    complain "$page is not what $name --man prints; \`make man\` rewrites it"
  help=$("$program" --help)
  [[ $help == "$name: "* ]] || complain "$name --help does not begin with the program's name"
  grep -q "^Usage: $name " <<<"$help" || complain "$name --help has no usage line of its own"
  grep -qE "^Examples?:" <<<"$help" || complain "$name --help has no example"
  sed -n '/^Examples\?:/,/^$/p' <<<"$help" | grep -q -- "$name" || complain "$name --help: the example does not run $name"
  [[ $("$program" --version) == "$name (easel) "* ]] || complain "$name --version"
  "$program" --bash-completion | bash -n || complain "$name --bash-completion is no bash"
  # Every flag in the help stands in the man page.
  while read -r flag; do
    grep -qF -- "${flag//-/\\-}" "$page" || complain "$page lacks $flag"
  done < <(grep -oE '^  --[a-z-]+' <<<"$help")
done
for source in tools/*.cpp; do
  name=$(basename "$source" .cpp)
  [[ -f $man/$name.1 ]] || complain "$man/$name.1 is missing"
done
exit "$bad"
