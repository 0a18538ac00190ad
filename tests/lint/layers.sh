#!/usr/bin/env bash
# Each module may include only the modules that its arrow in the design names, and only modules
# above the LibTorch line may include LibTorch. A program may include any module, never a program.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A may=(
  [base]=""
  [cli]="base"
  [jsonl]="base"
  [image]="base"
  [http]="base jsonl"
  [text]="base jsonl"
  [record]="base jsonl"
  [world]="base jsonl image record"
  [annotate]="base jsonl http image record world"
  [report]="base jsonl record image"
  [tensor]="base jsonl"
  [model]="base jsonl tensor text"
  [rl]="base tensor"
  [sample]="base jsonl tensor model text record image"
  [train]="base jsonl tensor rl model text record image"
  [reward]="base jsonl tensor model http world record image"
  [eval]="base jsonl reward record world image"
)
torch_modules=" tensor model rl sample train reward eval "
bad=0
complain() {
  echo "lint: $1" >&2
  bad=1
}

for folder in lib/*/; do
  module=$(basename "$folder")
  [[ -v may[$module] ]] || complain "lib/$module is no module of the design"
done

while IFS=: read -r file line text; do
  module=$(cut -d/ -f2 <<<"$file")
  included=$(sed -E 's/.*#include "([a-z]+)\/.*/\1/' <<<"$text")
  [[ $included == "$module" || " ${may[$module]} " == *" $included "* ]] ||
    complain "$file:$line: $module may not include $included"
done < <(grep -nHE '^#include "[a-z]+/' -r lib --include='*.h' --include='*.cpp')

while IFS=: read -r file line text; do
  module=$(cut -d/ -f2 <<<"$file")
  [[ $torch_modules == *" $module "* ]] || complain "$file:$line: LibTorch below its line"
done < <(grep -nHE '^#include <(torch|ATen|c10)/' -r lib --include='*.h' --include='*.cpp')

while IFS=: read -r file line text; do
  complain "$file:$line: a program may not include a program"
done < <(grep -nHE '^#include "(\.\./|tools/)|^#include ".*\.cpp"' -r tools lib || true)  # grep finds nothing when all is well

# Library modules never print to stdout, exit, or read argv.
while IFS=: read -r file line text; do
  case $file in lib/cli/* | lib/jsonl/stream.cpp) continue ;; esac
  complain "$file:$line: a library module may not print, exit or read argv: $text"
done < <(grep -nHE '\b(std::cout|printf\(|puts\(|std::exit|[^_]exit\(|argv)' -r lib --include='*.h' --include='*.cpp' |
  grep -vE 'snprintf|fprintf\(stderr|//' || true)  # as above

while read -r lines file; do
  [[ $file == total ]] || ((lines <= 300)) || complain "$file: $lines lines; a program's main file stays below 300"
done < <(wc -l tools/*.cpp 2>/dev/null)

exit "$bad"
