printf '%s\n' '{"id":"a","prompt":"x","finish":"bored"}' | score-reward --expert shapes
