mkdir empty
shapes-world detect --images empty
