#!/usr/bin/env bash
# Copy what the containers of docker-compose.yml keep into backups/<time>, which only you can read:
#
#   ./backup.sh [FOLDER]        another folder than backups/<time>
#
# InfluxDB and the enrichment-pipeline are stopped meanwhile. Nothing is missed: events wait in websocket-ingestion, and the
# Admin API answers with what the services know. restore.sh brings it back.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

stopped=(enrichment-pipeline influxdb)

fail() { echo "backup.sh: $*" >&2; exit 1; }

container() {  # container SERVICE: its id, whether it runs or not
  local id
  id=$(docker compose ps --all --quiet "$1" | head -n 1)
  [[ -n $id ]] || fail "there is no container of $1: start the services first"
  echo "$id"
}

save() {  # save SERVICE PATH: the files of its volume
  local id image
  id=$(container "$1")
  image=$(docker inspect --format '{{.Image}}' "$id")
  # 1 of tar is a file that changed meanwhile, as those of the Admin API may.
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
  docker compose start "${stopped[@]}" >/dev/null 2>&1 || echo "backup.sh: docker compose up -d starts what was stopped" >&2
  ((code == 0)) || { rm -rf "$folder"; echo "backup.sh: no backup was made" >&2; }
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
