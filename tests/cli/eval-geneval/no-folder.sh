eval-geneval --detector shapes --images nowhere
