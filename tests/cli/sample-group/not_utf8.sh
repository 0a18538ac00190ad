janus-init --preset nano --out p --quiet
printf 'a red \xff circle\n' | sample-group --text --policy p --group 2 --out run
