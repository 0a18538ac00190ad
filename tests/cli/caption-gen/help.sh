caption-gen --help | head -n 2
caption-gen --help | sed -n '/^Examples:/,/^$/p' | grep '^  ' | head -n 2 >examples
bash -euo pipefail examples >/dev/null
wc -l <captions.jsonl
