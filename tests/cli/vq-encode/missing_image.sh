janus-init --preset nano --out p --quiet
echo '{"id":"a","image":"nowhere.png"}' | vq-encode --policy p --out tokens
