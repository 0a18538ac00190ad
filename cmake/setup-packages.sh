#!/usr/bin/env bash
# Installs the Debian packages that the build needs, and with --tests those that only the tests do.
# As root directly, else through sudo; where neither works it says what to install and stops.
set -euo pipefail

packages=(
  cmake g++ make ninja-build ccache pkg-config git ca-certificates unzip xz-utils python3
  nlohmann-json3-dev libcli11-dev libsimdjson-dev libzstd-dev zlib1g-dev libdeflate-dev libxxhash-dev
  libpcre2-dev libutf8proc-dev libstb-dev libjpeg-dev libcurl4-openssl-dev libarchive-dev libvalijson-dev
  libgtest-dev libbenchmark-dev jq man-db zstd
)
[[ ${1:-} == --tests ]] && packages+=(chromium)  # opens the report's page

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)  # fails for a package it never heard of
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup: this machine has no apt-get; install by hand what these Debian packages hold:" >&2
  echo "  ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [[ $(id -u) != 0 ]]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  elif command -v sudo >/dev/null && [[ -t 0 ]]; then
    as_root=(sudo)
  else
    echo "setup: these Debian packages are missing and there is neither root nor sudo to install them:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi
echo "setup: installing ${missing[*]}" >&2
# stdout is kept clean: whoever pipes a program started by make gets that program's output alone.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q 1>&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends "${missing[@]}" 1>&2
