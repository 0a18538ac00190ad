# Without --max-bad the first bad picture stops the run, and no file appears.
shapes-world scenes --count 1 --out s >/dev/null
head -c 100 s/scene-00000.png >s/a.png
caption-gen --out captions s
code=$?
ls
exit $code
