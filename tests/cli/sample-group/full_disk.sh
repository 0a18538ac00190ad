janus-init --preset nano --out p --quiet
echo a | sample-group --text --policy p --group 2 --mode direct --out run > /dev/full
