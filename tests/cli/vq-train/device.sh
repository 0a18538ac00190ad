# A device that it does not use is refused, not passed over.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
vq-train --quiet --images s --preset nano --steps 2 --device cuda --out q
