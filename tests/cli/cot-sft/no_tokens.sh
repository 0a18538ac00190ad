janus-init --preset nano --out p --quiet
echo '{"id":"a","image":"x.png","brief_caption":"a circle","detailed_caption":"a red circle."}' | cot-sft --policy p --out q
code=$?
[[ ! -e q ]] || echo "q appeared"
exit $code
