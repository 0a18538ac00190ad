# Pictures that cannot be read are passed over when the user says so; a list's paths may start elsewhere.
source "$EASEL_SOURCE/tests/cli/vq-train/pictures.inc"
mkdir there
mv s there
truncate -s 100 there/s/scene-00003.png
(cd there && find s -name '*.png' | sort) > list.txt
vq-train --images list.txt --root there --preset nano --batch 2 --threads 1 --steps 1 --out q --quiet
vq-train --images list.txt --root there --max-bad 1 --preset nano --batch 2 --threads 1 --steps 1 --out q --quiet | jq -c .step
jq -c .counts q/manifest.json
