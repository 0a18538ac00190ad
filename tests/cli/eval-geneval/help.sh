eval-geneval --help
