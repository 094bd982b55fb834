#!/usr/bin/env bash
# Install what the tests need beside .venv and node_modules: Debian's Chromium, InfluxDB, Prometheus and
# libfaketime, and a real Home Assistant of its own.
# Without root the missing packages are named and their tests skipped; with CI=true that is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing() {
  echo "MISSING: $1" >&2
  [[ ${CI:-} == true ]] && exit 1
  echo "         its tests will be skipped" >&2
}

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v influxd >/dev/null || packages+=(influxdb)
command -v prometheus >/dev/null || packages+=(prometheus)
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || packages+=(libfaketime)

if ((${#packages[@]})); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null ||
      missing "${packages[*]} (apt-get failed)"
  else
    missing "${packages[*]}; install with: sudo apt-get install ${packages[*]}"
  fi
fi

scripts/install-home-assistant.sh || missing "the real Home Assistant (scripts/install-home-assistant.sh)"
