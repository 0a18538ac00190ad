# What was drawn is found; unknown fields and the order of records stay.
shapes-world scenes --count 200 --seed 5 --out s >scenes.jsonl
shapes-world detect <scenes.jsonl >found.jsonl
cut -d, -f1-2 scenes.jsonl | cmp - <(cut -d, -f1-2 found.jsonl)
grep -c '"objects":.*"detections":' found.jsonl
# As many objects drawn as found, in every record.
while read -r line; do
  drawn=$(grep -oE '"cell"' <<<"$line" | wc -l)
  found=$(sed 's/.*"detections"//' <<<"$line" | grep -oE '\[[0-9]' | wc -l)
  ((drawn == found)) || echo "differs: $line"
done <found.jsonl
# A folder gives the same.
shapes-world detect --images s | sed 's/.*"detections"//' | cmp - <(sed 's/.*"detections"//' found.jsonl)
