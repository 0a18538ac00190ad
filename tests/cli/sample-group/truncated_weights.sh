janus-init --preset nano --out p --quiet
truncate -s 1000000 p/model.safetensors
echo '{"prompt":"x"}' | sample-group --policy p --group 2 --out run
