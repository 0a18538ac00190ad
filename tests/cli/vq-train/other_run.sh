source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
train --steps 2 --out q > /dev/null
train --steps 2 --edge-weight 1 --out q
