janus-init --preset nano --out p --quiet
sample-group --policy p --group 2 --out run < /dev/null
