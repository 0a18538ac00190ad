# What stands beside the weights in transformers' layout stays as it was; what was not there is added.
janus-init --preset nano --seed 3 --out p --quiet
jq '. + {temperature: 0.7} | del(.guidance_scale)' p/generation_config.json > g && mv g p/generation_config.json
echo '{"processor_class":"JanusProcessor","num_image_tokens":36,"mine":1}' > p/processor_config.json
echo 'a template' > p/chat_template.jinja
janus-convert --policy p --to transformers --out q --quiet
jq -c '[.temperature, .guidance_scale]' q/generation_config.json
cmp p/processor_config.json q/processor_config.json && cmp p/chat_template.jinja q/chat_template.jinja && echo kept
janus-init --preset nano --seed 3 --out r --quiet
jq -c . r/processor_config.json
# Settings of pictures that nobody would follow are refused, in whichever file they stand.
echo '{"processor_class":"JanusProcessor","image_processor":{"image_mean":[0.48,0.46,0.41]}}' > p/processor_config.json
janus-convert --policy p --to transformers --out s
