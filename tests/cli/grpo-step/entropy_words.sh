grpo-step --policy p --entropy sometimes < /dev/null
