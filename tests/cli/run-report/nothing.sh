run-report --out run.html
