janus-init --preset nano --seed 1 --out p --quiet
cp p/model.safetensors whole.safetensors
for type in I32 U32; do
  python3 - "$type" <<'P'
import sys
bytes = open("whole.safetensors", "rb").read()
name = b'"model.language_model.norm.weight":{"dtype":"F32"'
assert bytes.count(name) == 1
open("p/model.safetensors", "wb").write(bytes.replace(name, name.replace(b"F32", sys.argv[1].encode())))
P
  echo a | sample-group --text --policy p --group 1 --out run
  echo "exit $?"
done
