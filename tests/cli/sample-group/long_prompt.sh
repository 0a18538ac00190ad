janus-init --preset nano --out p --quiet
head -c 100000 /dev/zero | tr '\0' a | sample-group --text --policy p --group 2 --out run
