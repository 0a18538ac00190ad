# What drew a rollout: also what stood before the prompt.
janus-init --preset nano --out p --quiet
sample() { echo 'a red circle' | sample-group --text --policy p --group 1 --max-cot 2 --no-images --chat janus --out "$@" | jq -c '.sampling.system'; }
sample a --system 'Be brief.'
sample b
