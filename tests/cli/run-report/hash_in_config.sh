# A '#' within quotes begins no comment; an apostrophe opens no quote.
echo '{"program":"cot-sft","step":1,"loss":1}' > m.jsonl
printf 'title = "a # d"  # what it is called\nout = "r.html"\nquiet = true # it'"'"'s enough\n' > c.toml
run-report --config c.toml m.jsonl && grep -o '<title>a[^<]*' r.html
printf "title = it's  # what it's called\nout = r.html\nquiet = true\n" > c.toml
run-report --config c.toml m.jsonl && grep -o '<title>it[^<]*' r.html
