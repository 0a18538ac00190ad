printf '{"id":"a","prompt":"x","cot":"\xe9t\xe9"}\n' | cot-stats
