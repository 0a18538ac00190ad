# A tokenizer without a token for padding: the folder is read, and only guidance needs one.
janus-init --preset nano --out p --quiet
mkdir t
sed 's/<｜▁pad▁｜>/<spare>/' p/tokenizer.json > t/tokenizer.json
janus-init --preset nano --tokenizer t --out q --quiet
jq -c '[has("pad_token_id"), .eos_token_id]' q/generation_config.json
draw() { echo 'a red circle' | sample-group --text --policy q --group 1 --mode direct --no-images --quiet "$@"; }
draw --out r | jq -c .policy_version
draw --out s --cfg-weight 5
