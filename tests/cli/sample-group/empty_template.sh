janus-init --preset nano --out p --quiet
echo 'a red circle' | sample-group --text --policy p --group 1 --template '' --out run
