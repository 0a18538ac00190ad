janus-init --preset nano --out p --quiet
echo '{"prompt":"  "}' | sample-group --policy p --group 2 --out run
