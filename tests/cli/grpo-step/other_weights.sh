source "$EASEL_SOURCE/tests/cli/grpo-step/rollouts.inc"
janus-init --preset nano --seed 9 --out q --quiet
grpo-step --policy q --lr 1e-4 < scored.jsonl
