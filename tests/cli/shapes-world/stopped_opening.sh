# Named pipes without their other end hold up no stop, to read from or to write to.
stop() {
  "$@" & waiting=$!
  sleep 1
  kill -TERM $waiting
  wait $waiting
  echo "exit $?"
}
mkfifo pipe
stop shapes-world detect --input pipe
stop shapes-world prompts --split test --count 1 --output pipe
