# Rotary embeddings that are stretched or that turn a part of each head, by the names that configs have had for them.
janus-init --preset nano --seed 3 --out p --quiet
cp p/config.json whole.json
with() { jq ".text_config += $1" whole.json > p/config.json; janus-convert --policy p --to deepseek --out d; echo "exit $?"; }
with '{"rope_scaling": {"type": "linear", "factor": 4.5}}'
with '{"rope_scaling": {"rope_type": "yarn", "factor": 4.5}}'
with '{"rope_parameters": {"rope_theta": 10000, "factor": 4.5}}'
with '{"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.25}}'
with '{"partial_rotary_factor": 0.5}'
with '{"rope_scaling": null, "partial_rotary_factor": 1.0}'
