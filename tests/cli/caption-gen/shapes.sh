# Clean annotations of three scenes, from a folder, from files and from a list.
shapes-world scenes --count 3 --seed 1 --out s >/dev/null
caption-gen --out folder.jsonl s
caption-gen --out files.jsonl s/scene-00000.png s/scene-00001.png s/scene-00002.png
find s -name '*.png' | sort | caption-gen --out list.jsonl -
cmp folder.jsonl files.jsonl
cmp folder.jsonl list.jsonl
caption-gen --out - s | cmp - folder.jsonl
cat folder.jsonl
ls
