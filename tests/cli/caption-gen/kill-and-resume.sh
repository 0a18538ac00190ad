# A run killed at any moment goes on where it was, to the same bytes.
shapes-world scenes --count 600 --seed 2 --out s >/dev/null
caption-gen --noise 0.1 --out whole s
for seconds in 0.02 0.04 0.06 0.08 0.1; do
  timeout -s KILL $seconds caption-gen --quiet --noise 0.1 --resume --out killed s
  [[ -e killed ]] && break
done 2>/dev/null
# At the worst moment: in the middle of a line.
[[ -e killed.partial ]] && printf '{"id":"scene-0' >>killed.partial
caption-gen --quiet --noise 0.1 --resume --out killed s
cmp whole killed
ls
