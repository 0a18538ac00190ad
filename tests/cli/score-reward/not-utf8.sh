printf '{"id":"a","prompt":"\xff"}\n' | score-reward --expert shapes
