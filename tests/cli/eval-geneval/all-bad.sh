shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
rm s/*
eval-geneval --quiet --detector shapes --max-bad 9 <r.jsonl
