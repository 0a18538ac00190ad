shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
head -c 100 s/scene-00000.png >t.png && mv t.png s/scene-00000.png
score-reward --quiet --expert shapes <r.jsonl
