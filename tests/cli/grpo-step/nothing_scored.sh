# A judge that scores nothing: with --on-empty skip a batch or two pass, a third in a row ends the run, and why is said.
cp -r "$EASEL_SOURCE/share/nano/base" p
shapes-world prompts --split train --count 4 --seed 1 | sample-group --policy p --mode direct --group 2 --out r --quiet |
  jq -c '.reward = null' > r.jsonl
grpo-step --policy p --batch 1 --on-empty skip --on-unscored drop-group --quiet < r.jsonl
echo "exit $?, version $(jq .policy_version p/easel.json)"
tail -n 2 r.jsonl | grpo-step --policy p --on-unscored drop-group --max-staleness 9 --quiet
echo "exit $?"
