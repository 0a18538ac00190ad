#!/usr/bin/env bash
# What a row more costs the sampler: a group of 8 beside eight single images, and a guided image (two rows) beside one
# that is not. Every run draws whole images (direct mode) and is timed whole, start and loading included.
#   tests/bench/rows.sh POLICY [OPTION...]      OPTION: of sample-group, as --dtype bfloat16 --threads 1
# build/bin must be on PATH.
set -euo pipefail
shopt -s inherit_errexit  # a run that fails has no figure
policy=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seconds() {  # GROUP PROMPTS OPTION...: of a run
  local begin end
  begin=$(date +%s.%N)
  for ((i = 0; i < $2; ++i)); do echo "a photo of a red circle and $i stars"; done |
    sample-group --text --mode direct --policy "$policy" --group "$1" --no-images --out "$work/out" --quiet "${@:3}" > /dev/null
  end=$(date +%s.%N)
  rm -rf "$work/out"
  jq -n "$end - $begin"
}
one=$(seconds 1 1 --rows 1 "$@")
eight=$(seconds 8 1 --rows 8 "$@")
pair=$(seconds 1 1 --rows 2 --cfg-weight 5 "$@")
jq -rn --argjson one "$one" --argjson eight "$eight" --argjson pair "$pair" '
  def r: . * 100 | round / 100;
  "one image \($one | r) s; a group of 8 \($eight | r) s, \(8 * $one / $eight | r) times as fast as eight singles (target 2.5); guided \($pair | r) s, \($pair / $one | r) times one row (target 1.2)"'
