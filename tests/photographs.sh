#!/usr/bin/env bash
# Puts real photographs into a folder: the sample pictures that the Python packages scikit-image and
# scikit-learn ship (PNG in colour, grey and with alpha; JPEG). Nothing is installed.
#   tests/photographs.sh FOLDER
set -euo pipefail
folder=$1
[[ -e $folder/complete ]] && exit 0
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
timeout 300 python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$wheels" \
  scikit-image scikit-learn >&2
rm -rf "$folder" && mkdir -p "$folder"
for wheel in "$wheels"/*.whl; do
  python3 - "$wheel" "$folder" <<'PYTHON'
import pathlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist():
        if name.lower().endswith((".png", ".jpg", ".jpeg")):
            (pathlib.Path(sys.argv[2]) / pathlib.PurePosixPath(name).name).write_bytes(archive.read(name))
PYTHON
done
touch "$folder/complete"
