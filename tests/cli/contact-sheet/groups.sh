shapes-world scenes --count 4 --seed 1 --out s --quiet |
  sed -E 's/^\{/{"cot":"some words about it","reward":0.5,"rewards":{"shapes":0,"soft":1},/; s/"prompt":"[^"]*"/"prompt":"a red circle"/' >r.jsonl
sed -E 's/"id":"scene-0000([0-3])"/"id":"g-\1","group_id":"g","group_size":4,"index":\1/' r.jsonl | tac |
  contact-sheet --quiet --group --size 96 --out sheet.png
python3 -c 'import struct, sys; d = open(sys.argv[1], "rb").read(); print(d[:8] == b"\x89PNG\r\n\x1a\n", *struct.unpack(">II", d[16:24]))' sheet.png
