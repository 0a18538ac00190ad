# A policy that wants its pictures made ready in another way draws as ever, and does not look.
janus-init --preset nano --seed 3 --out p --quiet
jq '.image_mean = [0.48, 0.46, 0.41]' p/preprocessor_config.json > other.json && cp other.json p/preprocessor_config.json
printf 'a star\n' | sample-group --policy p --text --mode direct --group 2 --seed 1 --no-images --out r --quiet > rollouts.jsonl
jq -c '.reward = .index' rollouts.jsonl | grpo-step --policy p --lr 1e-4 --quiet | jq .rollouts
cmp other.json p/preprocessor_config.json && echo 'kept'
shapes-world scenes --count 1 --seed 1 --out s --quiet | janus-answer --policy p --ask 'What is it?'
for change in '.resample = 2' '.do_resize = false' '.rescale_factor = 0.01' '.do_pad = false'; do
  janus-init --preset nano --seed 3 --out q --quiet
  jq "$change" q/preprocessor_config.json > other.json && cp other.json q/preprocessor_config.json
  shapes-world scenes --count 1 --seed 1 --out s --quiet | janus-answer --policy q --ask 'What is it?'
done
