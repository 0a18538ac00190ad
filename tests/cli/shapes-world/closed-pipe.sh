# A reader that leaves early ends the program by SIGPIPE, without a message.
shapes-world prompts --split train --count 100000 | head -n 1 | cut -c 1-19
echo "${PIPESTATUS[0]}"
