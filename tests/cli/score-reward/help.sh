score-reward --help
