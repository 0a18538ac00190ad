shapes-world scenes --count 1 --out s --quiet > /dev/null; caption-gen --annotator endpoint --endpoint http://127.0.0.1:9/v1 --out a.jsonl s
