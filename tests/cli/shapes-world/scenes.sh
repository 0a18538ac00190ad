# A scene is a function of seed and number alone: a prefix, and a later part, give the same files.
shapes-world scenes --count 6 --seed 4 --out a
shapes-world scenes --count 3 --seed 4 --out b >b.jsonl
shapes-world scenes --count 3 --seed 4 --start 3 --out b >>b.jsonl
sed 's/"b\//"a\//' b.jsonl | cmp - <(shapes-world scenes --count 6 --seed 4 --out a)
for png in a/*.png; do cmp "$png" "b/${png#a/}"; done
ls a
grep -o '"counts":{[^}]*}' a/manifest.json
