# A member that unpacks to a thousand times its size.
janus-init --preset nano --seed 3 --out p --quiet
rm p/model.safetensors
python3 - <<'P'
import zipfile
with zipfile.ZipFile("p/pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("archive/data.pkl", b"\0" * 10_000_000)
P
janus-convert --policy p --to deepseek --out d
