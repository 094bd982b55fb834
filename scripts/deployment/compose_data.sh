# shellcheck shell=bash disable=SC2034,SC2154
# The data of the services under compose: can an image read them, and their backups before a deploy.

declare -gA restores=()  # the archive to restore the data of a service from, if this release cannot read its data

check_data() {  # check_data DEPLOY: its images can read every DATA_DIR, or a backup that was chosen in its place
  local service problem answer
  for service in "${with_data[@]}"; do
    answer=$(in_image "$1" "$service" ha-ingestor check-data "$service" 2>&1) && continue
    # Releases from before the command refuse no data.
    problem=$(grep data_dir_newer <<<"$answer") || { warn "Whether the data of $service can be read is not known: $answer"; continue; }
    [[ -n $backup ]] || refuse "$problem" \
      "No container was changed. To deploy this release with the data from before a newer release: --restore-backup" \
      "(docs/deploy.md says what that means). Backups of $service: $(backups "$service")"
    restores[$service]=$(readable_backup "$1" "$service") ||
      refuse "$problem" "No container was changed: this release cannot read a backup of $service either."
  done
}

backups() { (cd "$state_dir" && find . -name "$1.tar.gz" -printf '%P\n' | sed 's,/.*,,' | sort -r | tr '\n' ' '); }

readable_backup() {  # readable_backup DEPLOY SERVICE: the newest of the backups that may be taken
  local name archive answer
  for name in $(if [[ $backup == newest ]]; then backups "$2"; else echo "$backup"; fi); do
    archive=$state_dir/$name/$2.tar.gz
    [[ -e $archive ]] || continue
    # shellcheck disable=SC2016  # $1 is for the shell in the container
    answer=$(of "$1" run --rm --no-deps --no-TTY --entrypoint sh "$2" -c \
      'tar -C /tmp -xzf - ./format; DATA_DIR=/tmp exec ha-ingestor check-data "$1"' sh "$2" <"$archive" 2>&1) || true
    [[ $answer == *data_dir_newer* ]] || { echo "$archive"; return; }
  done
  return 1
}

back_up() {  # back_up DEPLOY SERVICE: its DATA_DIR as it is before that deploy, once
  local archive=$state_dir/$1/$2.tar.gz
  [[ ! -e $archive ]] || return 0
  save "$1" "$2" "$archive"
}

save() {  # save DEPLOY SERVICE ARCHIVE: as a whole or not at all
  # tar exits with 1 if a file changed meanwhile, as those of a running admin-api can.
  # shellcheck disable=SC2016  # $? is of the shell in the container
  (umask 077 && in_image "$1" "$2" sh -c 'tar -C /data -czf - . || [ $? -eq 1 ]' >"$3.new")
  mv -f "$3.new" "$3"
}

restore_data() {  # restore_data DEPLOY SERVICE: replaces its data, which is saved as well
  [[ -n ${restores[$2]:-} ]] || return 0
  say "$2: restoring its data from ${restores[$2]}"
  # Data left by a killed restore must not be saved.
  in_image "$1" "$2" test -e /data/.restore || save "$1" "$2" "$state_dir/$1/$2.replaced.tar.gz"
  # Unpacked completely first. The later format remains recorded until the end: after a kill, the next run restores again.
  of "$1" run --rm --no-deps --no-TTY --entrypoint sh "$2" -c '
    set -e
    cd /data
    rm -rf .restore
    mkdir .restore
    tar -C .restore -xzf -
    find . -mindepth 1 -maxdepth 1 ! -name .restore ! -name format -exec rm -rf {} +
    find .restore -mindepth 1 -maxdepth 1 ! -name format -exec mv {} . ";"
    if [ -e .restore/format ]; then mv .restore/format .; else rm -f format; fi
    rmdir .restore' <"${restores[$2]}"
}
