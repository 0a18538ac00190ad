# A list names members of archives as records do, however their names are written; what a Mac puts beside files is none.
shapes-world scenes --count 3 --seed 1 --out s --quiet > /dev/null
echo none > s/._scene-00000.png
mkdir cap
names='s,^scene-00001,/&,;s,^scene-00002,x//&,'
tar -C s -cPf cap/a.tar --transform "$names" ._scene-00000.png scene-00000.png scene-00001.png scene-00002.png
caption-gen --out whole cap/a.tar
jq -c '[.id, .image]' whole
jq -r .image whole | caption-gen --out - - | cmp - whole
jq -c '{image, source: "here"}' whole | caption-gen --out - - | jq -c '[.id, .source]'
caption-gen --out - s | jq -r .id
echo '{"id":"mine","image":"cap/a.tar/none.png"}' | caption-gen --out none -
