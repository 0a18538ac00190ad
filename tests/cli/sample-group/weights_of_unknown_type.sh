janus-init --preset nano --seed 1 --out p --quiet
python3 - <<'P'
bytes = open("p/model.safetensors", "rb").read()
name = b'"model.language_model.norm.weight":{"dtype":"F32"'
assert bytes.count(name) == 1
open("p/model.safetensors", "wb").write(bytes.replace(name, name.replace(b"F32", b"U32")))
P
echo a | sample-group --text --policy p --group 1 --out run
