contact-sheet --out sheet.png </dev/null
