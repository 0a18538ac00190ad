shapes-world scenes --count 4 --seed 1 --out s --quiet |
  sed -E 's/^\{/{"cot":"some words about it","reward":0.5,"rewards":{"shapes":0,"soft":1},/; s/"prompt":"[^"]*"/"prompt":"a red circle"/' >r.jsonl
contact-sheet --size 96 --out sheet.png <r.jsonl
python3 -c 'import struct, sys; d = open(sys.argv[1], "rb").read(); print(d[:8] == b"\x89PNG\r\n\x1a\n", *struct.unpack(">II", d[16:24]))' sheet.png
