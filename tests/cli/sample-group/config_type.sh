janus-init --preset nano --out p --quiet
sed -i 's/"hidden_size": 192/"hidden_size": "wide"/' p/config.json
echo '{"prompt":"x"}' | sample-group --policy p --group 2 --out run
