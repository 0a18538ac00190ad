cot-stats --help
