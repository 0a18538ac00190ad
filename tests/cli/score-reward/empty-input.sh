score-reward --quiet --expert shapes </dev/null
