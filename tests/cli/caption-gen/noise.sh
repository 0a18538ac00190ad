# Noise errs, the same way each time, and by the image's id rather than its place.
shapes-world scenes --count 40 --seed 1 --out s >/dev/null
caption-gen --noise 0.3 --seed 1 --out a s
caption-gen --noise 0.3 --seed 1 --out b s
caption-gen --noise 0.3 --seed 2 --out c s
caption-gen --out clean s
cmp a b
cmp -s a c || echo "seeds differ"
cmp -s a clean || echo "noise differs"
caption-gen --noise 0.3 --seed 1 --out one s/scene-00007.png
grep '"scene-00007"' a | cmp - one
