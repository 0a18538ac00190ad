# A signal ends a program whose reader reads no more.
mkfifo pipe
sleep 30 < pipe & reader=$!
shapes-world prompts --split train --count 3000 > pipe & writer=$!
sleep 1
kill -TERM $writer
wait $writer
echo "exit $?"
kill $reader
