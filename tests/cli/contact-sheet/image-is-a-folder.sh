shapes-world scenes --count 4 --seed 1 --out s --quiet |
  sed -E 's/^\{/{"cot":"some words about it","reward":0.5,"rewards":{"shapes":0,"soft":1},/; s/"prompt":"[^"]*"/"prompt":"a red circle"/' >r.jsonl
rm s/scene-00001.png && mkdir s/scene-00001.png
contact-sheet --out sheet.png <r.jsonl
