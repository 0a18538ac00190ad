shapes-world scenes --count 1 --out s >/dev/null
caption-gen --out none/captions s
