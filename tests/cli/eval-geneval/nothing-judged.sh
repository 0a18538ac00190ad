# Where no image could be judged no results appear.
shapes-world scenes --count 1 --seed 1 --out s --quiet >r.jsonl
rm s/*
eval-geneval --quiet --detector shapes --max-bad 9 --output results.jsonl <r.jsonl
code=$?
ls
exit $code
