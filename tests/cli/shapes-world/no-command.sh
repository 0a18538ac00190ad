shapes-world
