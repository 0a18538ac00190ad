# A folder with other contents is not replaced, and that is said before the work begins.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
mkdir q && echo mine > q/notes.txt
train --steps 100000 --out q
code=$?
cat q/notes.txt
exit $code
