# Writes beyond the limit fail as they do on a full disk.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
(trap '' XFSZ; ulimit -f 1000; train --steps 2 --out q > /dev/null)
echo "exit $?"
ls -A | grep q || echo "no q, nothing left over"
