# A standard stream that is closed stays closed: no file takes its number, and the progress with it.
shapes-world scenes --count 2 --seed 1 --out s --output s.jsonl --progress 2>&-
echo "exit $?"
jq -r .id s.jsonl
shapes-world prompts --split test --count 1 >&-
echo "exit $?"
shapes-world detect <&-
