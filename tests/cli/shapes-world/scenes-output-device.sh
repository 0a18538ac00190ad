# A device given as output stays one.
shapes-world scenes --count 1 --out s --output /dev/null
[[ -c /dev/null ]] && echo device
