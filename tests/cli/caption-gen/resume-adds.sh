# A finished file takes new images in.
shapes-world scenes --count 3 --out s >/dev/null
caption-gen --out whole s
mv s/scene-00001.png hidden
caption-gen --out new s
mv hidden s/scene-00001.png
caption-gen --resume --out new s
cmp whole new
