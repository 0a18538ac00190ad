# SIGTERM in the middle of a large policy's first matrix: the program does not draw it to its end, and leaves nothing.
janus-init --preset janus-pro-1b --seed 1 --dtype bfloat16 --out p --threads 1 & init=$!
until compgen -G '.p.tmp-easel*/.model*' > /dev/null; do sleep 0.05; done
SECONDS=0
kill -TERM $init
wait $init
echo "exit $?, before the matrix was whole: $((SECONDS < 8))"
ls -A
