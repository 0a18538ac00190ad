mkdir s
vq-train --images s --preset nano --steps 2 --out q
code=$?
[[ ! -e q ]] || echo "q appeared"
exit $code
