# Pictures of one name get their folder in front, the others stay as they are; one picture twice is an error.
shapes-world scenes --count 1 --out a >/dev/null
shapes-world scenes --count 1 --out b >/dev/null
cp b/scene-00000.png b/other.png
caption-gen --out captions a b
cut -d, -f1 captions
caption-gen --out again a ./a
