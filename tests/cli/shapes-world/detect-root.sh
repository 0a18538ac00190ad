# Relative paths start at --root; absolute ones do not.
mkdir -p run
(cd run && shapes-world scenes --count 2 --out images >s.jsonl)
shapes-world detect --root run <run/s.jsonl | wc -l
sed "s|images/|$PWD/run/images/|" run/s.jsonl | shapes-world detect --root elsewhere | wc -l
