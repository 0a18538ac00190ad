# Boxes are drawn whoever planned them, and their folder says how it was made.
shapes-world scenes --count 2 --seed 1 --out s --quiet > /dev/null
caption-gen --got --seed 3 --draw-boxes b --out a.jsonl s
ls b
for name in b/*.png; do cmp -s "$name" "s/$(basename "$name")" || echo "drawn on"; done
jq -c '[.program, .seed, .libtorch, .counts, (.inputs | keys)]' b/manifest.json
validate-jsonl --quiet --schema manifest < b/manifest.json && echo "a manifest"
# Boxes of pictures that were done before, and not drawn, are drawn too.
head -n 1 a.jsonl > b.jsonl.partial
caption-gen --quiet --got --seed 3 --resume --draw-boxes c --out b.jsonl s && cmp a.jsonl b.jsonl
ls c
jq .counts.pictures c/manifest.json
