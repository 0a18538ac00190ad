# Damaged pictures and pictures without a shape are reported; the rest is annotated.
shapes-world scenes --count 2 --out s >/dev/null
head -c 100 s/scene-00000.png >s/cut.png
echo text >s/not-an-image.jpg
base64 -d >s/plain.png <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
END
caption-gen --max-bad 3 --out captions s
cut -d, -f1 captions
