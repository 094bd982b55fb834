#!/usr/bin/env bash
# Install the real Home Assistant that the end-to-end tests start into .venv-homeassistant: about 400 MB, once.
# Usage: scripts/install-home-assistant.sh [python 3.11 or 3.12]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VENV=.venv-homeassistant
readonly UV=.venv/bin/uv
export UV_SYSTEM_CERTS=true # as pip does: the machine may be behind a proxy
readonly PACKAGES=(
  homeassistant==2024.3.3
  # Its acme doesn't work with josepy 2.
  "josepy<2"
  # The packages that its integrations install at their first start, in the versions of their manifests.
  fnv-hash-fast==0.5.0
  ha-ffmpeg==3.1.0
  hassil==1.6.1
  home-assistant-frontend==20240307.0
  home-assistant-intents==2024.3.12
  janus==1.0.0
  mutagen==1.47.0
  pillow==10.2.0
  psutil-home-assistant==0.0.1
  pyotp==2.8.0
  pyqrcode==1.2.1
  pyturbojpeg==1.7.1
  securetar==2024.2.1
  sqlalchemy==2.0.27
)

suits() { # true for a Python that this release of Home Assistant runs on
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in "$@" .venv/bin/python python3.12 python3.11 python3; do
    if suits "$candidate"; then echo "$candidate"; return; fi
  done
  echo "Home Assistant 2024.3.3 needs Python 3.11 or 3.12: scripts/install-home-assistant.sh <that python>" >&2
  exit 1
}

wanted="$(printf '%s\n' "${PACKAGES[@]}")"
if [[ -x $VENV/bin/hass && "$(cat "$VENV/.installed" 2>/dev/null)" == "$wanted" ]]; then exit 0; fi
if [[ ! -x $UV ]]; then echo "run make setup first: $UV is missing" >&2; exit 1; fi
python="$(find_python "$@")"
"$UV" venv --quiet --clear --python "$python" "$VENV"
"$UV" pip install --quiet --python "$VENV/bin/python" "${PACKAGES[@]}"
echo "$wanted" >"$VENV/.installed"
