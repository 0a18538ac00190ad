# Records of another setting are not mixed in.
shapes-world scenes --count 2 --out s >/dev/null
caption-gen --noise 0.5 --out whole s
head -n 1 whole >new.partial
caption-gen --resume --out new s
