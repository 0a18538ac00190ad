shapes-world scenes --count 1 --out s >/dev/null
caption-gen --annotator "exec:sed -E 's/\}/,\"brief_caption\":\"x\"}/; p'" --out captions s
