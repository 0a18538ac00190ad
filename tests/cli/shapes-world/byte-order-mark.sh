# A byte order mark in front is part of no record, and of no digest.
shapes-world scenes --count 2 --out s >records
printf '\xEF\xBB\xBF' | cat - records | shapes-world detect | cmp - <(shapes-world detect <records) && echo same
echo '{"id":"a","cot":"<|obj_start|>a red star<|obj_end|><|box_start|>(42,42),(291,291)<|box_end|>"}' >plan
shapes-world layouts --out a <plan >/dev/null
printf '\xEF\xBB\xBF' | cat - plan | shapes-world layouts --out b >/dev/null
cmp <(jq .inputs a/manifest.json) <(jq .inputs b/manifest.json) && echo same digest
