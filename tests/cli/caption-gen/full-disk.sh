# A device as output is written directly, and its failure is an error.
shapes-world scenes --count 1 --out s >/dev/null
caption-gen --out - s >/dev/full
echo "exit $?"
caption-gen --out /dev/full s
echo "exit $?"
[[ -c /dev/full ]] && echo device
