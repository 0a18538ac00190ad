# No caption is a test prompt.
shapes-world scenes --count 300 --seed 6 --out s >/dev/null
caption-gen --noise 0.2 --out captions s
grep -oE '"[^"]*"' captions | tr -d '"' | sort -u >strings
shapes-world prompts --split test --count 50000 | sed -E 's/.*"prompt":"([^"]*)".*/\1/' | sort >test
comm -12 strings test | wc -l
