run-report --help
