# Far more than a pipe holds, both ways.
shapes-world scenes --count 1 --out s >/dev/null
mkdir many
for i in $(seq 3000); do ln -s "$PWD/s/scene-00000.png" "many/$i.png"; done
filler=$(printf '%02000d' 0)
caption-gen --out - --annotator "exec:sed -E 's/.*\"id\":\"([^\"]*)\".*/{\"id\":\"\\1\",\"brief_caption\":\"$filler\"}/'" many | wc -l
