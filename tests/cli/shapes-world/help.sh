# Help goes to stdout and names the program; every example in it runs.
shapes-world --help | head -n 2
shapes-world --help | sed -n '/^Examples:/,/^$/p' | grep '^  ' >examples
bash -euo pipefail examples
wc -l <test.jsonl
wc -l <scenes.jsonl
wc -l <detections.jsonl
