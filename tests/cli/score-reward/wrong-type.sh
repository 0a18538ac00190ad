printf '%s\n' '{"id":"a","prompt":["x"]}' | score-reward --expert shapes
