printf '%s\n' '{"id":"a","prompt":"x","cot":7}' | cot-stats
