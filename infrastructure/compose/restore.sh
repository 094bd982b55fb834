#!/usr/bin/env bash
# Restore a backup of backup.sh, replacing all data:
#
#   ./restore.sh backups/<time>
#
# Also on another machine: the .env of the backup is used if there is none. Afterwards the state changes since the backup
# are fetched from Home Assistant's history, which keeps some days (purge_keep_days of its recorder).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

fail() { echo "restore.sh: $*" >&2; exit 1; }

setting() { sed -n "s/^$2=//p" "$1" | tail -n 1; }  # setting FILE NAME

load() {  # load SERVICE PATH
  local id image
  id=$(docker compose ps --all --quiet "$1" | head -n 1)
  image=$(docker inspect --format '{{.Image}}' "$id")
  # shellcheck disable=SC2016  # $1 is the shell's in the container
  docker run --rm --interactive --network none --user 0 --volumes-from "$id" --entrypoint sh "$image" -c \
    'find "$1" -mindepth 1 -delete && tar -C "$1" -xpzf -' sh "$2" <"$folder/$1.tar.gz"
}

(($# == 1)) || fail "usage: ./restore.sh backups/<time>"
folder=$1
for file in since env influxdb.tar.gz enrichment-pipeline.tar.gz admin-api.tar.gz; do
  [[ -s $folder/$file ]] || fail "$folder is no backup: there is no $file in it. Nothing was changed."
done
for archive in "$folder"/*.tar.gz; do
  gzip --test "$archive" || fail "$archive is damaged. Nothing was changed."
done
if [[ ! -e .env ]]; then
  cp "$folder/env" .env
  [[ ! -f $folder/homes.env || -e homes.env ]] || cp "$folder/homes.env" .
  [[ ! -d $folder/files || -e files ]] || cp -r "$folder/files" .
elif [[ $(setting .env INFLUXDB_ADMIN_TOKEN) != "$(setting "$folder/env" INFLUXDB_ADMIN_TOKEN)" ]]; then
  fail "INFLUXDB_ADMIN_TOKEN in .env is not that of the backup: take .env from $folder/env. Nothing was changed."
fi

docker compose create
docker compose stop influxdb enrichment-pipeline admin-api
load influxdb /var/lib/influxdb2
load enrichment-pipeline /data
load admin-api /data
docker compose up --detach --wait
echo "Restored. Fetching the state changes since $(<"$folder/since") from Home Assistant's history:"
docker compose exec -T admin-api ha-ingestor backfill --from "$(<"$folder/since")"
