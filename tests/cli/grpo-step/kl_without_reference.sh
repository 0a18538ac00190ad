janus-init --preset nano --seed 1 --out p --quiet; grpo-step --policy p --kl-weight 0.1 < /dev/null
