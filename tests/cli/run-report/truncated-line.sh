for i in 1 2 3; do
  echo "{\"program\":\"grpo-step\",\"step\":$i,\"reward_mean\":0.$i,\"kl\":null,\"seconds\":2,\"seconds_forward\":1}"
done >m.jsonl
head -c 150 m.jsonl >t.jsonl
run-report --out run.html t.jsonl
