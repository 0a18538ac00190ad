janus-init --preset nano --seed 1 --out p --quiet; grpo-step --policy p --refill 4 < /dev/null
