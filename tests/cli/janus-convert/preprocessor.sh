# Pictures that a checkpoint wants made ready in another way than is done here.
janus-init --preset nano --seed 3 --out p --quiet
cp p/preprocessor_config.json whole.json
with() { jq ". += $1" whole.json > p/preprocessor_config.json; janus-convert --policy p --to deepseek --out d; echo "exit $?"; }
with '{"image_mean": [0.48, 0.46, 0.41]}'
with '{"background_color": [255, 255, 255]}'
with '{"image_size": 384}'
with '{"size": {"height": 384, "width": 384}}'
with '{"min_size": 7}'
with '{"image_size": 48, "background_color": [127, 127, 127]}'
