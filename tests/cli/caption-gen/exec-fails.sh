# The command's own failure counts even when every record came.
shapes-world scenes --count 1 --out s >/dev/null
caption-gen --annotator "exec:sed -E 's/\}/,\"brief_caption\":\"x\"}/'; exit 7" --out captions s
code=$?
ls
exit $code
