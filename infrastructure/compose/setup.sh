#!/usr/bin/env bash
# Write .env beside docker-compose.yml: a new random secret for everything that needs one, and lines to fill in. Run again,
# it adds the secrets that a newer release needs, and changes nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

secrets=(INTERNAL_TOKEN METRICS_TOKEN INFLUXDB_ADMIN_PASSWORD INFLUXDB_ADMIN_TOKEN GRAFANA_ADMIN_PASSWORD)

secret() {  # 256 random bits, as 64 digits
  local digits
  digits=$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')
  [[ $digits =~ ^[0-9a-f]{64}$ ]] || { echo "No random secret could be made." >&2; exit 1; }
  echo "$digits"
}

lines() {  # NAME=secret for each name
  local name value
  for name in "$@"; do value=$(secret); echo "$name=$value"; done
}

# Mounted by the services; a folder that Docker makes would be root's.
install -d -m 0755 files files/{ha-ingestor,websocket-ingestion,enrichment-pipeline,admin-api,alertmanager}

if [[ -e .env ]]; then
  missing=()
  for name in "${secrets[@]}"; do grep -q "^$name=" .env || missing+=("$name"); done
  if (( ${#missing[@]} )); then
    added=$(lines "${missing[@]}")
    printf '\n# Added by setup.sh.\n%s\n' "$added" >>.env
    echo "$PWD/.env: added ${missing[*]}."
  else
    echo "$PWD/.env is there already; nothing was changed."
  fi
  exit 0
fi

made=$(lines "${secrets[@]}")
settings=$(cat <<EOF
# Settings of docker-compose.yml. Keep this file to yourself, and a copy of it with your backups.

# Your Home Assistant: an address that the containers can reach (one that ends in .local they can't; where Home
# Assistant runs on this machine: http://host.docker.internal:8123), and a long-lived access token (in Home Assistant:
# your profile, Security, at the bottom).
HA_URL=
HA_TOKEN=

# Made by setup.sh. InfluxDB and Grafana keep those of their administrators from the first start on: changing them here
# changes nothing there.
$made

# The rest has defaults. Every setting of docs/reference/settings.md can stand here, and reaches the services that read it.
# Name of this home in the store.
#HA_HOME=home
# Where the dashboard listens. 0.0.0.0: on every address of this machine; tokens then cross the network unencrypted.
#DASHBOARD_BIND=127.0.0.1
#DASHBOARD_PORT=3000
# Names by which it is called, with commas: ha.example.org. Addresses and names such as myserver.local need not be named.
#ADMIN_API_ALLOWED_HOSTS=
# Its address as its readers reach it, for the links in notifications.
#DASHBOARD_URL=http://127.0.0.1:3000
# Days that events are kept; 0: for ever. Their rollups are kept for ever.
#INFLUXDB_RETENTION_DAYS=0
# Memory that InfluxDB may take; more for a large database.
#INFLUXDB_MEMORY_LIMIT=2g
# Proxies whose X-Forwarded-For the Admin API trusts: the dashboard's nginx, on a network of Docker's.
#ADMIN_API_TRUSTED_PROXIES=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
# Seconds for which the Admin API still answers after it was asked to stop.
#ADMIN_API_DRAIN_SECONDS=5
# DEBUG, INFO, WARNING or ERROR.
#LOG_LEVEL=INFO
# With the profile monitoring: where Grafana, Prometheus and Alertmanager listen, and the disk that Prometheus may take.
#GRAFANA_BIND=127.0.0.1
#GRAFANA_PORT=3001
#PROMETHEUS_PORT=9090
#PROMETHEUS_DISK_LIMIT=5GB
#ALERTMANAGER_PORT=9093
# The images' tag and the commit that they are built from; scripts/deploy.sh sets both.
#HA_INGESTOR_VERSION=local
#HA_INGESTOR_COMMIT=
EOF
)

set -o noclobber  # whoever made the file meanwhile keeps it
printf '%s\n' "$settings" >.env
echo "Wrote $PWD/.env. Now set HA_URL and HA_TOKEN in it."
