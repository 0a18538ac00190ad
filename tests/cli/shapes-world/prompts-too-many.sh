shapes-world prompts --split test --count 1000 --task single_object
