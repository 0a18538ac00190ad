janus-init --preset nano --out p --quiet
echo '{"id":"../../escape/me","prompt":"a red circle"}' | sample-group --policy p --group 1 --mode direct --out run > out.jsonl
[[ ! -e ../escape && ! -e escape ]] || echo escaped
find run/images -name '*.png' | wc -l
