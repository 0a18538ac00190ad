contact-sheet --help
