shapes-world prompts --split test --count 0
