grpo-step --policy p --lr-decay linear < /dev/null
