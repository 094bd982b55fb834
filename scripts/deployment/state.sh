# shellcheck shell=bash disable=SC2034,SC2154
# The deploys saved in .deploy, each in a folder: configuration, settings, and the data before it.
#
#   current         name of the running deploy
#   next            name of the deploy in progress, or of one that was killed
#   <name>/compose.yml, settings, commit, before (name of the deploy before), <service>.tar.gz

kept_deploys=5

recorded() { cat "$state_dir/$1" 2>/dev/null || true; }  # current, next, or a file of a deploy

record() {  # record FILE TEXT: as a whole or not at all
  printf '%s\n' "$2" >"$state_dir/$1.new"
  mv -f "$state_dir/$1.new" "$state_dir/$1"
}

begin_deploy() {  # begin_deploy NAME: a deploy killed after this is detected
  record "$1/before" "$(recorded current)"
  record next "$1"
}

end_deploy() {  # end_deploy NAME: it is running
  record current "$1"
  rm -f "$state_dir/next"
  keep_settings "$1"
}

rollback_target() {  # the deploy before the running one, or the last completed one if a deploy was killed
  local current next before
  current=$(recorded current) next=$(recorded next)
  if [[ -z $next || $next == "$current" ]]; then
    before=$(recorded "$current/before")
    [[ ! -d $state_dir/$before ]] || echo "$before"  # the oldest ones are deleted
  elif [[ $(recorded "$next/before") == "$current" ]]; then
    echo "$current"
  else
    echo "$next"  # of a rollback that was killed
  fi
}

write_settings() {  # settings of the scripts are written to .env, so that a plain `docker compose up -d` changes nothing
  local env names
  env=$(realpath "$compose_dir/.env")
  [[ -f $env ]] || return 0
  names=$(IFS='|'; echo "${managed[*]}")
  # grep exits with 1 if nothing else is in it. On any other error, such as a full disk, the old file is kept.
  if { grep -vE "^ *(export +)?($names) *=" "$env" || (($? == 1)); } >"$env.new" && cat "$state_dir/$1/settings" >>"$env.new"; then
    chown --reference="$env" "$env.new" 2>/dev/null || true  # of root, it stays its owner's
    mv -f "$env.new" "$env"
  else
    rm -f "$env.new"
    warn "$env could not be written. Add the settings of $state_dir/$1/settings to it."
  fi
}

forget_old_deploys() {
  local name version
  for name in $(cd "$state_dir" && find . -maxdepth 1 -type d -name '2*Z-*' -printf '%P\n' | sort -r | tail -n "+$((kept_deploys + 1))"); do
    [[ $name == "$(recorded current)" ]] && continue
    version=$(sed -n 's/^HA_INGESTOR_VERSION=//p' "$state_dir/$name/settings" 2>/dev/null || true)
    rm -rf "${state_dir:?}/$name"
    [[ -z $version ]] || grep -qrx "HA_INGESTOR_VERSION=$version" "$state_dir" --include=settings ||
      docker image rm "ha-ingestor:$version" "ha-ingestor-dashboard:$version" >/dev/null 2>&1 || true
  done
}
