printf '%s\n' '{"id":"a","prompt":"a photo of a dog","image":"x.png"}' | score-reward --expert shapes
