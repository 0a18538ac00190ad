# A decay of 1 divides by nothing: the weights would be no numbers.
grpo-step --policy p --beta2 1
