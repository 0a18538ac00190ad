# Another program's annotations, in any order, come out in the order of the images.
shapes-world scenes --count 4 --out s >/dev/null
cat >annotate <<'END'
tac | sed -E 's/.*"id":"([^"]*)".*/{"id":"\1","brief_caption":"a picture","own":[1.50]}/'
END
caption-gen --annotator 'exec:sh ./annotate' --out captions s
cat captions
