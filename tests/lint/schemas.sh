#!/usr/bin/env bash
# Each record of lib/record has its schema and each schema its record; what the programs write
# conforms. Programs that were not built are passed over.
#
#   tests/lint/schemas.sh [BIN]
set -euo pipefail
cd "$(dirname "$0")/../.."
source=$PWD
bin=$(cd "${1:-${EASEL_BIN:-build/bin}}" && pwd)
bad=0
complain() {
  echo "lint: $1" >&2
  bad=1
}

for schema in schemas/*.schema.json; do
  name=$(basename "$schema")
  [[ $(jq -r '."$id"' "$schema") == "$name" ]] || complain "$schema: \$id is not the file's name"
  [[ $(jq -r '."$schema"' "$schema") == *draft-07* ]] || complain "$schema: not draft-07"
  [[ $(jq -r .type "$schema") == object ]] || complain "$schema: a record is an object"
  grep -qF "schemas/$name" lib/record/*.h || complain "$schema: no header in lib/record names it"
done
while IFS=: read -r header name; do
  [[ -e $name ]] || complain "$header: there is no $name"
done < <(grep -oHE 'schemas/[a-z0-9.-]+\.json' lib/record/*.h)

# Every field that a metrics record can have is in its schema.
while read -r field; do
  grep -qF "\"$field\":" schemas/metrics-*.json || complain "metrics field $field is in no schema"
done < <(grep -oE 'visit\("[a-z_]+"' lib/record/metrics.cpp | cut -d'"' -f2 | sort -u)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
has() {
  local program
  for program; do [[ -x $bin/$program ]] || { echo "lint: $program was not built" >&2; return 1; }; done
}
conforms() {  # SCHEMA FILE
  "$bin/validate-jsonl" --quiet --schema "$source/schemas/$1.v1.schema.json" --input "$2" ||
    complain "$2: not as schemas/$1.v1.schema.json has it"
}
if has validate-jsonl shapes-world; then
  "$bin/shapes-world" prompts --quiet --split test --count 30 >prompts.jsonl
  conforms prompt prompts.jsonl
  "$bin/shapes-world" scenes --quiet --count 20 --out scenes >scenes.jsonl
  conforms scene scenes.jsonl
  [[ ! -e scenes/manifest.json ]] || conforms manifest scenes/manifest.json
  "$bin/shapes-world" detect --quiet <scenes.jsonl >detections.jsonl
  conforms detection detections.jsonl
  if has caption-gen; then
    "$bin/caption-gen" --quiet --annotator shapes --out annotations.jsonl scenes
    conforms annotation annotations.jsonl
  fi
  if has score-reward; then
    "$bin/score-reward" --quiet --expert shapes --expert soft=shapes:partial <scenes.jsonl >scored.jsonl
    conforms rollout scored.jsonl
  fi
  if has eval-geneval; then
    "$bin/eval-geneval" --quiet --detector shapes --summary summary.json <scenes.jsonl >results.jsonl
    conforms eval-result results.jsonl
    conforms eval-summary summary.json
  fi
  if has cot-stats; then
    jq -c '.cot = .prompt' scenes.jsonl | "$bin/cot-stats" --quiet >cot-stats.json
    conforms cot-stats cot-stats.json
  fi
fi
# A schema that lets everything pass checks nothing.
if has validate-jsonl; then
  for schema in "$source"/schemas/*.schema.json; do
    if echo '{"id":[],"step":"x","images":"x","image":3,"program":4}' |
      "$bin/validate-jsonl" --quiet --schema "$schema" 2>/dev/null; then
      complain "$schema: lets nonsense pass"
    fi
  done
fi
exit "$bad"
