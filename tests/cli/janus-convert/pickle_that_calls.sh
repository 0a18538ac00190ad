# A pickle that would run a command when Python loads it.
janus-init --preset nano --seed 3 --out p --quiet
rm p/model.safetensors
python3 - <<'P'
import os, pickle, zipfile
class Evil:
    def __reduce__(self):
        return (os.system, ("touch pwned",))
with zipfile.ZipFile("p/pytorch_model.bin", "w") as z:
    z.writestr("archive/data.pkl", pickle.dumps({"lm_head.weight": Evil()}, 2))
P
janus-convert --policy p --to deepseek --out d
code=$?
ls pwned d 2>&1 | sed 's/^.*: //'
exit $code
