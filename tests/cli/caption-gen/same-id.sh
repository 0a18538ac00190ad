shapes-world scenes --count 1 --out a >/dev/null
shapes-world scenes --count 1 --out b >/dev/null
caption-gen --out captions a b
