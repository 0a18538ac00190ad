# Nothing is not taken for the annotator shapes.
shapes-world scenes --count 1 --out s --quiet > /dev/null
for annotator in exec: 'exec: ' janus:; do
  caption-gen --annotator "$annotator" --out captions s
  echo "exit $?"
done
ls
