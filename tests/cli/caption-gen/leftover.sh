# What a stopped run left is not overwritten by accident.
shapes-world scenes --count 2 --out s >/dev/null
caption-gen --out whole s
head -n 1 whole >new.partial
caption-gen --out new s
echo "exit $?"
caption-gen --quiet --resume --out new s
cmp whole new
