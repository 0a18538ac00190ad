for i in 1 2 3; do
  echo "{\"program\":\"grpo-step\",\"step\":$i,\"reward_mean\":0.$i,\"kl\":null,\"seconds\":2,\"seconds_forward\":1}"
done >m.jsonl
echo '{"images":4}' >s.json
run-report --out run.html m.jsonl --eval s.json
