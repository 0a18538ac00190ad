janus-convert --policy nowhere --to deepseek --out d
