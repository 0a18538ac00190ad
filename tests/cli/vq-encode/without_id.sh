# A record without an id is named by its picture, and vq-decode can name its own by that.
janus-init --preset nano --out p --quiet
shapes-world scenes --count 1 --out s --quiet > /dev/null
echo '{"image":"s/scene-00000.png"}' | vq-encode --policy p --out t | vq-decode --policy p --out d | jq -c '[.id, .image]'
