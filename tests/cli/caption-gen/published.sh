# Annotations that are there already: ids and paths are filled in, texts that hold JSON are unfolded, all else stays.
mkdir -p data/pictures && shapes-world scenes --count 2 --seed 1 --out data/pictures --quiet > /dev/null
set -- $(cd data && ls pictures/*.png)
cat > data/a.jsonl <<J
{"image":"$1","brief_caption":"a star","detailed_caption":"A red star.","augmented_prompts":"{\"short_caption\":\"star\"}","source":"laion"}

{"id":7,"image":{"path":"$2","bytes":null},"brief_caption":"a ring","detailed_caption":"A ring.","augmented_cots":{"step_by_step":["One.","Two."]}}
J
jq -s . data/a.jsonl > data/b.json
caption-gen --annotator published --out c.jsonl data/a.jsonl && sed "s,$(basename $1 .png),ONE,g; s,$(basename $2 .png),TWO,g" c.jsonl
caption-gen --annotator published --out - data/b.json | cmp - c.jsonl && echo "a list gives the same"
bad() { echo "$1" > data/bad.jsonl; caption-gen --annotator published --out d.jsonl data/bad.jsonl; echo "exit $?"; }
bad '{"image":"none.png","brief_caption":"a","detailed_caption":"b"}'
bad "{\"image\":\"$1\",\"brief_caption\":\"a\"}"
bad "{\"image\":\"$1\",\"detailed_caption\":\"a\"}"
bad '{"brief_caption":"a","detailed_caption":"b"}'
echo '{"image":1}' > data/bad.json; caption-gen --annotator published --out d.jsonl data/bad.json; echo "exit $?"
caption-gen --annotator published --out d.jsonl data/a.jsonl data/a.jsonl; echo "exit $?"
caption-gen --annotator published --max-bad 2 --out d.jsonl data/a.jsonl data/a.jsonl; echo "exit $?"; wc -l < d.jsonl
cp data/a.jsonl data/lines.json; caption-gen --annotator published --out - data/lines.json | cmp - c.jsonl && echo "and so do lines in a .json"
printf '[{"image":"%s","brief_caption":"a","detailed_caption":"b"}, 7, {' "$1" > data/cut.json; caption-gen --annotator published --max-bad 9 --out d.jsonl data/cut.json; echo "exit $?"
echo "{\"image\":\"$1\",\"brief_caption\":\"a\",\"detailed_caption\":\"b\",\"augmented_prompts\":{\"paraphrases\":\"['c']\",\"varied_captions\":\"d\",\"tags\":\"['e', 'f']\"}}" > data/text.jsonl; caption-gen --annotator published --out - data/text.jsonl | validate-jsonl --schema annotation
