shapes-world scenes --count 4 --out s >/dev/null
caption-gen --annotator "exec:sed -E '2,3d; s/\}/,\"brief_caption\":\"x\"}/'" --out captions s
