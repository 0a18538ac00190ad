#!/usr/bin/env bash
# Prints the folder to give CMake as Torch_DIR.
# An installed LibTorch is used when Torch_DIR or CMAKE_PREFIX_PATH names one; else the pinned CPU
# wheel of PyTorch is unpacked into .deps/ (only its headers, libraries and CMake files).
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.13.0
index=https://download.pytorch.org/whl/cpu

if [[ -n ${Torch_DIR:-} && -f $Torch_DIR/TorchConfig.cmake ]]; then
  echo "$Torch_DIR"
  exit 0
fi
IFS=':;' read -r -a prefixes <<<"${CMAKE_PREFIX_PATH:-}"
for prefix in "${prefixes[@]}"; do
  for folder in "$prefix" "$prefix/share/cmake/Torch" "$prefix/torch/share/cmake/Torch"; do
    if [[ -n $prefix && -f $folder/TorchConfig.cmake ]]; then
      echo "$folder"
      exit 0
    fi
  done
done
if [[ -n ${Torch_DIR:-} ]]; then
  echo "setup: Torch_DIR is \"$Torch_DIR\", but there is no TorchConfig.cmake in it" >&2
  exit 1
fi

target=$PWD/.deps/libtorch-$version
if [[ -f $target/share/cmake/Torch/TorchConfig.cmake ]]; then
  echo "$target/share/cmake/Torch"
  exit 0
fi

# Everything happens in a scratch folder that is renamed at the very end, so an interrupted try
# leaves nothing that a later one could mistake for a whole installation.
mkdir -p .deps
scratch=$(mktemp -d .deps/unpack.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

python=python3
if ! python3 -m pip --version >/dev/null 2>&1; then
  # Debian's python3 comes without pip; a virtual environment brings its own.
  if ! python3 -m venv "$scratch/venv" >/dev/null 2>&1; then
    echo "setup: pip is needed to fetch PyTorch; install python3-pip or python3-venv," >&2
    echo "setup: or name an installed LibTorch with Torch_DIR" >&2
    exit 1
  fi
  python=$scratch/venv/bin/python
fi
echo "setup: fetching the CPU build of PyTorch $version" >&2
# PyTorch publishes CPU builds on an index of its own; "2.13.0+cpu" sorts above "2.13.0", so pip
# prefers it wherever that index answers.
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
  --retries 1 --timeout 20 --extra-index-url "$index" --dest "$scratch" "torch==$version" >&2
wheel=$(echo "$scratch"/torch-*.whl)
if "$python" -m zipfile -l "$wheel" | grep -q 'libtorch_cuda'; then
  echo "setup: pip could only find a CUDA build of PyTorch $version; the CPU index was not reached" >&2
  echo "setup: name an installed LibTorch with Torch_DIR, or try again" >&2
  exit 1
fi
"$python" - "$wheel" "$scratch/wheel" <<'P'
import sys, zipfile
wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        keep = name.startswith(("torch/include/", "torch/share/cmake/", "torch/lib/"))
        if keep and "libtorch_python" not in name:
            z.extract(name, out)
P
rm -rf "$target"
mv "$scratch/wheel/torch" "$target"
echo "$target/share/cmake/Torch"
