#!/usr/bin/env bash
# Write .env beside docker-compose.yml, once: a new random secret for everything that needs one, and lines to fill in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

if [[ -e .env ]]; then
  echo "$PWD/.env is there already; nothing was changed."
  exit 0
fi

secret() {  # 256 random bits, as 64 digits
  od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

internal_token=$(secret) metrics_token=$(secret) admin_password=$(secret) admin_token=$(secret)
for each in "$internal_token" "$metrics_token" "$admin_password" "$admin_token"; do
  [[ $each =~ ^[0-9a-f]{64}$ ]] || { echo "No random secret could be made." >&2; exit 1; }
done

settings=$(cat <<EOF
# Settings of docker-compose.yml. Keep this file to yourself, and a copy of it with your backups.

# Your Home Assistant: an address that the containers can reach (one that ends in .local they can't; where Home
# Assistant runs on this machine: http://host.docker.internal:8123), and a long-lived access token (in Home Assistant:
# your profile, Security, at the bottom).
HA_URL=
HA_TOKEN=

# Made by setup.sh. InfluxDB keeps the two of its administrator from the first start on: changing them here changes
# nothing there.
INTERNAL_TOKEN=$internal_token
METRICS_TOKEN=$metrics_token
INFLUXDB_ADMIN_PASSWORD=$admin_password
INFLUXDB_ADMIN_TOKEN=$admin_token

# The rest has defaults.
# Name of this home in the store.
#HA_HOME=home
# Where the dashboard listens. 0.0.0.0: on every address of this machine; tokens then cross the network unencrypted.
#DASHBOARD_BIND=127.0.0.1
#DASHBOARD_PORT=3000
# Names by which it is called, with commas: ha.example.org. Addresses and names such as myserver.local need not be named.
#DASHBOARD_HOSTS=
# Days that events are kept; 0: for ever. Their rollups are kept for ever.
#INFLUXDB_RETENTION_DAYS=0
# Bytes of rejected events that are kept; when they are full, events wait.
#REJECTED_LIMIT_BYTES=67108864
# Where statistics come from: the store (true) or the services (false), for which percent of the clients, and whether both
# are compared. Empty: changeable while it runs, by PUT /api/v1/config/stats-source.
#USE_INFLUXDB_STATS=
#INFLUXDB_ROLLOUT_PERCENT=
#STATS_COMPARE=
# DEBUG, INFO, WARNING or ERROR.
#LOG_LEVEL=INFO
EOF
)

set -o noclobber  # whoever made the file meanwhile keeps it
printf '%s\n' "$settings" >.env
echo "Wrote $PWD/.env. Now set HA_URL and HA_TOKEN in it."
