# NaN is no JSON.
printf '%s\n' '{"id":"a","prompt":"x","reward":NaN}' | score-reward --expert shapes
