janus-init --preset nano --out p --quiet
rm p/model.safetensors
echo '{"prompt":"x"}' | sample-group --policy p --group 2 --out run
