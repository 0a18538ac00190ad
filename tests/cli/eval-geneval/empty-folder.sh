mkdir i
eval-geneval --detector shapes --images i
