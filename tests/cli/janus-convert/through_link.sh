# A link to a policy's folder stays one, and what it points at is replaced or made.
janus-init --preset nano --seed 3 --out p --quiet
mkdir old && ln -s old new
ln -s fresh later
for link in new later; do
  janus-convert --policy p --to transformers --out $link
  [[ -L $link ]] && cmp p/model.safetensors $link/model.safetensors && echo "$link is a link"
done
ls -A
