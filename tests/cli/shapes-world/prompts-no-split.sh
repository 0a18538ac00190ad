shapes-world prompts --count 10
