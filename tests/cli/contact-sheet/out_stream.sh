contact-sheet --out - < /dev/null
