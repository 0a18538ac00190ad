echo '{"prompt":"x"}' | sample-group --policy nowhere --group 2 --out run
