# A damaged picture is never sent to the command.
shapes-world scenes --count 2 --out s >/dev/null
head -c 100 s/scene-00000.png >s/cut.png
caption-gen --max-bad 1 --annotator "exec:tee asked | sed -E 's/\}/,\"brief_caption\":\"x\"}/'" --out captions s
wc -l <asked
cut -d, -f1 captions
