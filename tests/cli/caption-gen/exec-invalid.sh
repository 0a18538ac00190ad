# No caption; then no JSON.
shapes-world scenes --count 1 --out s >/dev/null
caption-gen --annotator exec:cat --out captions s
echo "exit $?"
caption-gen --annotator 'exec:cat >/dev/null; echo hello' --out captions s
