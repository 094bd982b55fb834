#!/usr/bin/env bash
# Write .env in the folder of docker-compose.yml: random secrets, and lines to fill in. When run again, it adds the secrets
# that a newer release requires, and changes nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

secrets=(INTERNAL_TOKEN METRICS_TOKEN INFLUXDB_ADMIN_PASSWORD INFLUXDB_ADMIN_TOKEN GRAFANA_ADMIN_PASSWORD)

secret() {  # 256 random bits, as 64 digits
  local digits
  digits=$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')
  [[ $digits =~ ^[0-9a-f]{64}$ ]] || { echo "No random secret could be created." >&2; exit 1; }
  echo "$digits"
}

lines() {  # NAME=secret for each name
  local name value
  for name in "$@"; do value=$(secret); echo "$name=$value"; done
}

# Mounted by the services; folders created by Docker would belong to root.
install -d -m 0755 files files/{ha-ingestor,websocket-ingestion,enrichment-pipeline,admin-api,alertmanager}

if [[ -e .env ]]; then
  missing=()
  for name in "${secrets[@]}"; do grep -q "^$name=" .env || missing+=("$name"); done
  if (( ${#missing[@]} )); then
    added=$(lines "${missing[@]}")
    printf '\n# Added by setup.sh.\n%s\n' "$added" >>.env
    echo "$PWD/.env: added ${missing[*]}."
  else
    echo "$PWD/.env already exists; nothing was changed."
  fi
  exit 0
fi

made=$(lines "${secrets[@]}")
settings=$(cat <<EOF
# Settings of docker-compose.yml. Keep this file secret, and a copy of it with your backups.

# Your Home Assistant: an address that the containers can reach (names that end in .local cannot be resolved; if Home
# Assistant runs on this machine: http://host.docker.internal:8123), and a long-lived access token (in Home Assistant:
# your profile, Security, at the bottom).
HA_URL=
HA_TOKEN=

# Created by setup.sh. InfluxDB and Grafana keep the passwords of the first start: changing them here has no effect on
# them.
$made

# Optional settings. All settings of docs/reference/settings.md can be set here and reach the services that read them.
# Name of this home in the store.
#HA_HOME=home
# Address of the dashboard. 0.0.0.0: all addresses of this machine; tokens are then sent unencrypted.
#DASHBOARD_BIND=127.0.0.1
#DASHBOARD_PORT=3000
# Host names of the dashboard, separated by commas: ha.example.org. IP addresses and names such as myserver.local are allowed by default.
#ADMIN_API_ALLOWED_HOSTS=
# URL of the dashboard for users, for links in notifications.
#DASHBOARD_URL=http://127.0.0.1:3000
# Days that events are kept; 0: indefinitely. Rollups are kept indefinitely.
#INFLUXDB_RETENTION_DAYS=0
# Memory limit of InfluxDB; raise it for a large database.
#INFLUXDB_MEMORY_LIMIT=2g
# Proxies whose X-Forwarded-For the Admin API trusts: the dashboard's nginx, in a Docker network.
#ADMIN_API_TRUSTED_PROXIES=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16
# Seconds for which the Admin API continues to answer after it was asked to stop.
#ADMIN_API_DRAIN_SECONDS=5
# DEBUG, INFO, WARNING or ERROR.
#LOG_LEVEL=INFO
# With the profile monitoring: addresses of Grafana, Prometheus and Alertmanager, and the disk limit of Prometheus.
#GRAFANA_BIND=127.0.0.1
#GRAFANA_PORT=3001
#PROMETHEUS_PORT=9090
#PROMETHEUS_DISK_LIMIT=5GB
#ALERTMANAGER_PORT=9093
# Tag of the images, and the commit that they are built from; set by scripts/deploy.sh.
#HA_INGESTOR_VERSION=local
#HA_INGESTOR_COMMIT=
EOF
)

set -o noclobber  # a file that another process has made meanwhile is kept
printf '%s\n' "$settings" >.env
echo "Wrote $PWD/.env. Now set HA_URL and HA_TOKEN in it."
