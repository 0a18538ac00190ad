# Weights that are no numbers draw nothing.
janus-init --preset nano --out p --quiet
size=$(stat -c %s p/model.safetensors)
{ head -c $((size / 2)) p/model.safetensors; head -c $((size - size / 2)) /dev/zero | tr '\0' '\377'; } > nan && mv nan p/model.safetensors
echo 'a red circle' | sample-group --text --policy p --group 1 --max-cot 2 --no-images --out run
