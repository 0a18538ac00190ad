janus-init --preset nano --seed 3 --out p --quiet
rm p/model.safetensors
head -c 1000 "$EASEL_SOURCE/tests/unit/tensor/data/state.bin" > p/pytorch_model.bin
janus-convert --policy p --to deepseek --out d
