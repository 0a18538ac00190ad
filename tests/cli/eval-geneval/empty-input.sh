eval-geneval --detector shapes </dev/null
