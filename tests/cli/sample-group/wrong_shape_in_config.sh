janus-init --preset nano --out p --quiet
sed -i 's/"intermediate_size": 512/"intermediate_size": 500/' p/config.json
echo '{"prompt":"x"}' | sample-group --policy p --group 2 --out run
