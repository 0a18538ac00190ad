# The same seed gives the same bytes, and a smaller count a prefix.
shapes-world prompts --split test --count 12 --seed 1
shapes-world prompts --split test --count 12 --seed 1 >again
shapes-world prompts --split test --count 100 --seed 1 | head -n 12 | cmp - again
shapes-world prompts --split train --count 7 --seed 2 --task counting --task colors --output file
wc -l <file
