# A record without an id is named by its picture.
shapes-world scenes --count 1 --out s >/dev/null
echo '{"image":"s/scene-00000.png"}' | shapes-world detect | jq -c '[.id, .image]'
