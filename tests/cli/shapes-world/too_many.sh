shapes-world scenes --count 9223372036854775807 --start 1 --out s
