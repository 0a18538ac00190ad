# A picture that got an empty answer has no record, and is one of --max-bad.
shapes-world scenes --count 2 --out s > /dev/null
command="exec:sed -E '1s/}/,\"brief_caption\":\"\"}/; 2s/}/,\"brief_caption\":\"a star\"}/'"
caption-gen --annotator "$command" --max-bad 1 --out captions s
jq -c '[.id, .brief_caption]' captions
caption-gen --annotator "$command" --out others s
echo "exit $?"
