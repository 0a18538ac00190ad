# Pictures need no names here: those of two folders with the same names are trained on together.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
cp -r s t
train --images t --steps 2 --out q > /dev/null
jq -c '[.counts.images, (.inputs | keys)]' q/manifest.json
