for i in $(seq 300); do echo "{\"id\":\"$i\",\"prompt\":\"x\"}"; done |
  contact-sheet --count 300 --size 2048 --out sheet.png
