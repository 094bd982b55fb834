#!/usr/bin/env bash
# Back up the data of the containers of docker-compose.yml into backups/<time>, readable only by you:
#
#   ./backup.sh [FOLDER]        default: backups/<time>
#
# InfluxDB and the enrichment-pipeline are stopped meanwhile. No event is lost: events wait in websocket-ingestion, and the
# Admin API answers from the services. restore.sh restores a backup.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

stopped=(enrichment-pipeline influxdb)

fail() { echo "backup.sh: $*" >&2; exit 1; }

container() {  # container SERVICE: its id, running or stopped
  local id
  id=$(docker compose ps --all --quiet "$1" | head -n 1)
  [[ -n $id ]] || fail "there is no container of $1: start the services first"
  echo "$id"
}

save() {  # save SERVICE PATH: the files of its volume
  local id image
  id=$(container "$1")
  image=$(docker inspect --format '{{.Image}}' "$id")
  # tar exits with 1 if a file changed meanwhile, as those of the Admin API can.
  # shellcheck disable=SC2016  # $1 and $? are of the shell in the container
  docker run --rm --network none --user 0 --volumes-from "$id:ro" --entrypoint sh "$image" -c \
    'tar -C "$1" -czf - . || [ $? -eq 1 ]' sh "$2" >"$folder/$1.tar.gz"
}

[[ -f .env ]] || fail "there is no .env here"
folder=${1:-backups/$(date -u +%Y-%m-%dT%H-%M-%SZ)}
[[ ! -e $folder ]] || fail "$folder is there already"
for service in influxdb enrichment-pipeline admin-api; do container "$service" >/dev/null; done

mkdir -p "$(dirname "$folder")"
mkdir "$folder"
finish() {
  local code=$?
  docker compose start "${stopped[@]}" >/dev/null 2>&1 || echo "backup.sh: run docker compose up -d to start the stopped containers" >&2
  ((code == 0)) || { rm -rf "$folder"; echo "backup.sh: no backup was created" >&2; }
}
trap finish EXIT

date -u +%Y-%m-%dT%H:%M:%SZ >"$folder/since"
docker compose stop "${stopped[@]}" >/dev/null
save influxdb /var/lib/influxdb2
save enrichment-pipeline /data
save admin-api /data
cp .env "$folder/env"
[[ ! -f homes.env ]] || cp homes.env "$folder/"
[[ ! -d files ]] || cp -r files "$folder/"
du -sh "$folder" | sed "s,\t, in $PWD/,"
