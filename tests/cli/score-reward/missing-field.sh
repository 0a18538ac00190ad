printf '%s\n' '{"id":"a"}' | score-reward --expert shapes
