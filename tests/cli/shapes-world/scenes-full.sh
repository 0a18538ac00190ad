shapes-world scenes --count 1 --out s >/dev/full
