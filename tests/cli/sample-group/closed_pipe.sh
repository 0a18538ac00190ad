janus-init --preset nano --out p --quiet
printf 'a\nb\nc\n' | sample-group --text --policy p --group 2 --mode direct --out run | head -n 1 | jq -r .id
