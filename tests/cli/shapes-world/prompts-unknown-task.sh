shapes-world prompts --split test --count 10 --task shapes
