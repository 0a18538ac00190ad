for i in 1 2 3; do
  echo "{\"program\":\"grpo-step\",\"step\":$i,\"reward_mean\":0.$i,\"kl\":null,\"seconds\":2,\"seconds_forward\":1}"
done >m.jsonl
run-report --quiet --out a.html run=m.jsonl && run-report --quiet --out b.html run=m.jsonl && cmp a.html b.html && echo same
