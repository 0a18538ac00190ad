# What DeepSeek's layout cannot say is refused: the pictures would be seen otherwise.
janus-init --preset nano --seed 3 --out p --quiet
jq '.vision_config.layer_norm_eps = 1e-4' p/config.json > c && mv c p/config.json
janus-convert --policy p --to deepseek --out q
[[ -e q ]] || echo "nothing was written"
exit 1
