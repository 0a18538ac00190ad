shapes-world scenes --count 1 --out s >/dev/null
caption-gen --resume --out - s
