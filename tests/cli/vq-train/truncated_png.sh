source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
truncate -s 60 s/scene-00002.png
train --steps 2 --out q
code=$?
[[ ! -e q ]] || echo "q appeared"
exit $code
