shapes-world scenes --count 4 --seed 1 --out s --quiet >r.jsonl
i=0
while read -r line; do
  mkdir -p images/0000$i/samples
  cp "$(jq -r .image <<<"$line")" images/0000$i/samples/0000.png
  jq -c '{tag: "single_object", include: [{class: .objects[0].class, count: 1}], prompt}' <<<"$line" >images/0000$i/metadata.jsonl
  i=$((i + 1))
done <r.jsonl
eval-geneval --quiet --detector shapes --images images/ | jq -c '[.filename, .correct]'
