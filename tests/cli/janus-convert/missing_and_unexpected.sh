# A folder whose weights are another model's: both lists in one line.
janus-init --preset nano --seed 3 --out p --quiet
jq '.text_config.num_hidden_layers = 5 | .vision_config.num_hidden_layers = 1' p/config.json > c && mv c p/config.json
janus-convert --policy p --to deepseek --out d
code=$?
ls d 2>&1
exit $code
