cot-stats </dev/null
