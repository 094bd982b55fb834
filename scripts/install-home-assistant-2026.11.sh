#!/usr/bin/env bash
# Install Home Assistant 2026.11 for `make test-full`: a Debian forky tree with Python 3.14, about 2 GB, once. Needs root.
# Usage: scripts/install-home-assistant-2026.11.sh [TREE]   (default: .home-assistant-2026.11)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TREE="${1:-.home-assistant-2026.11}"
readonly MARKER="$TREE/opt/ha/.installed"
readonly PACKAGES=(
  homeassistant==2026.11.0
  # The packages that its integrations install at their first start, in the versions of their manifests.
  aiohasupervisor==0.8.1
  gazetteer-matcher==1.1.0
  ha-ffmpeg==3.2.2
  hassil==3.12.1
  home-assistant-frontend==20261028.4
  home-assistant-intents==2026.10.27
  infrared-protocols==10.5.0
  mutagen==1.48.1
  numpy==2.3.2
  pymicro-vad==1.0.1
  PyOTP==2.10.0
  PyQRCode==1.2.1
  pyspeex-noise==1.0.2
  PyTurboJPEG==1.8.3
  rf-protocols==4.3.0
  unicode-rbnf==2.4.1
)
readonly DEBIAN=ca-certificates,g++,gcc,libc6-dev,libturbojpeg0,python3.14,python3.14-dev,python3.14-venv

wanted="$(printf '%s\n' "${PACKAGES[@]}")"
if [[ "$(cat "$MARKER" 2>/dev/null)" == "$wanted" ]]; then exit 0; fi
if [[ $(id -u) != 0 ]]; then echo "installing Home Assistant 2026.11 requires root, to create a Debian tree" >&2; exit 1; fi
export DEBIAN_FRONTEND=noninteractive
command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }

if [[ ! -d $TREE ]]; then
  rm -rf "$TREE.part"
  # Older releases of debootstrap don't know forky; its script is that of sid. No mirror: debootstrap's own.
  debootstrap --variant=minbase --include="$DEBIAN" forky "$TREE.part" "${DEBIAN_MIRROR:-}" \
    /usr/share/debootstrap/scripts/sid
  mv "$TREE.part" "$TREE"
fi
# The machine may be behind a proxy with its own certificate and package index.
cp /etc/resolv.conf "$TREE/etc/resolv.conf"
cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$TREE/etc/ssl/certs/ca-certificates.crt"
if [[ -e /etc/pip.conf ]]; then cp /etc/pip.conf "$TREE/etc/pip.conf"; fi
if [[ -e ~/.config/pip ]]; then mkdir -p "$TREE/root/.config" && cp -r ~/.config/pip "$TREE/root/.config/"; fi

inside() { env HOME=/root scripts/in-debian-tree.sh "$TREE" "$@"; }
[[ -x $TREE/opt/ha/bin/pip ]] || inside python3.14 -m venv /opt/ha
inside /opt/ha/bin/pip install --quiet --disable-pip-version-check "${PACKAGES[@]}"
echo "$wanted" >"$MARKER"
