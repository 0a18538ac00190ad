janus-init --preset nano --out p --quiet
touch run
echo a | sample-group --text --policy p --group 2 --mode direct --out run
