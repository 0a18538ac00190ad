janus-init --preset nano --out p --quiet
printf '{"id":"a","prompt":"x"}\n{"id":"a","prompt":"y"}\n' | sample-group --policy p --group 2 --out run
