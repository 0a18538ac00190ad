# What a list's records hold goes through as it stands, before what is annotated; a stopped run goes on to the same bytes.
shapes-world scenes --count 3 --seed 1 --out s --quiet > /dev/null
cat > list <<'END'
{"id":"zz","image":"s/scene-00000.png","extra":5.0,"tokens":{"shard":"t.zst", "row":7},"brief_caption":"old","big":123456789012345678901234567890}
{"image":"s/scene-00001.png","n\u0061me":[1, 2],"tokens":"none"}
s/scene-00002.png
END
caption-gen --out whole - < list
jq -c keys_unsorted whole
grep -oE '"extra":.*"row":7}|"big":[0-9]+|"n.u0061me":.*"none"|"old"' whole
caption-gen --out - - < list | cmp - whole
head -n 2 whole > new.partial
caption-gen --quiet --resume --out new - < list && cmp new whole
echo "what a command writes"
caption-gen --annotator "exec:sed -E 's/}/,\"brief_caption\":\"x\",\"extra\":6}/'" --out command - < list
jq -c 'keys_unsorted, .extra' command
echo "an archive's record is all its pictures'"
tar -cf a.tar -C s scene-00000.png scene-00001.png
echo '{"id":"a","image":"a.tar","source":"here"}' | caption-gen --out - - | jq -c '[.id, .image, .source]'
# Kept records of another list are not mixed in.
head -n 1 whole > changed.partial
sed 's/5\.0/6/' list | caption-gen --resume --out changed -
