# shellcheck shell=bash disable=SC2034,SC2154
# The target compose: one service after the other, with a saved copy of the configuration for the rollback.

# shellcheck source=compose_data.sh
. "$root/scripts/deployment/compose_data.sh"

with_data=(enrichment-pipeline websocket-ingestion admin-api)
oldest_compose=2.24
wait_s=${DEPLOY_WAIT_S:-180}    # until a container is healthy
settle_s=${DEPLOY_SETTLE_S:-4}  # until each proxy has looked up the name again: `resolver … valid=` of nginx.conf, and some
free_mb=${DEPLOY_FREE_MB:-2048}

checkout_compose() { (cd "$compose_dir" && docker compose --progress quiet "$@"); }

of() {  # of DEPLOY ARGUMENTS: compose with the configuration of a deploy, regardless of the current checkout, .env and environment
  local keep=() name
  for name in PATH HOME DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG DOCKER_CERT_PATH DOCKER_TLS_VERIFY XDG_RUNTIME_DIR; do
    [[ -z ${!name+set} ]] || keep+=("$name=${!name}")
  done
  # The saved configuration contains only the services of the selected profiles, each with its profile: all of them apply.
  env --ignore-environment "${keep[@]}" docker compose --progress quiet --profile '*' --project-directory "$compose_dir" \
    --env-file /dev/null --file "$state_dir/$1/compose.yml" "${@:2}"
}

# --- checks before any change

check_tools() {
  local version
  command -v docker >/dev/null || refuse "docker is not installed. https://docs.docker.com/engine/install/"
  docker version >/dev/null 2>&1 || refuse "The Docker engine does not answer. Start it, or check DOCKER_HOST and your rights."
  version=$(docker compose version --short 2>/dev/null) || refuse "The plugin docker compose is not installed. https://docs.docker.com/compose/install/"
  [[ ! $version =~ ^v?[0-9] || $(printf '%s\n' "$oldest_compose" "${version#v}" | sort -V | sed -n 1p) == "$oldest_compose" ]] ||
    refuse "docker compose $version is too old. $oldest_compose or later is needed."
}

check_target() {
  local folder free problem
  check_tools
  [[ -f $compose_dir/.env ]] ||
    refuse "There is no $compose_dir/.env. Run infrastructure/compose/setup.sh, then set HA_URL and HA_TOKEN in it."
  problem=$(checkout_compose config --quiet 2>&1) || refuse "The configuration is not valid: $problem"
  checkout_compose config --services | grep -x admin-api >/dev/null ||
    refuse "There is no admin-api in COMPOSE_FILE. One container: docker compose -f docker-compose.minimal.yml up -d --build"
  for folder in "$(docker info --format '{{.DockerRootDir}}')" "$state_dir"; do
    [[ -d $folder ]] || continue  # of an engine on another machine
    free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    ((free >= free_mb)) || refuse "$folder has $free MB of free space. A deploy needs $free_mb MB. Run docker image prune to remove old images."
  done
}

get_images() {  # get_images auto|build|REGISTRY
  local name
  if [[ $1 == auto && $HA_INGESTOR_VERSION != *-dirty ]] && have_images "$HA_INGESTOR_VERSION"; then
    say "The images of $HA_INGESTOR_VERSION exist."
  elif [[ $1 == auto || $1 == build ]]; then
    # Under another name if they exist: running containers keep their images for a rollback.
    ! have_images "$HA_INGESTOR_VERSION" || HA_INGESTOR_VERSION+=-$(date -u +%Y%m%dT%H%M%SZ)
    say "Building the images of $HA_INGESTOR_VERSION."
    checkout_compose build || refuse "The images cannot be built. Nothing was changed."
  else
    for name in ha-ingestor ha-ingestor-dashboard; do
      docker pull --quiet "$1/$name:$HA_INGESTOR_VERSION" || refuse "The image cannot be pulled. Nothing was changed."
      docker tag "$1/$name:$HA_INGESTOR_VERSION" "$name:$HA_INGESTOR_VERSION"
    done
  fi
  have_images "$HA_INGESTOR_VERSION" || refuse "There are no images of $HA_INGESTOR_VERSION. --build builds them."
}

prepare() {  # prepare DEPLOY: InfluxDB first, as the settings of the services name the tokens that are made there
  local service answer
  freeze "$1"
  adopt "$1"
  prepare_store "$1"
  for service in "${with_data[@]}"; do  # each with its own settings
    answer=$(in_image "$1" "$service" ha-ingestor check-config 2>&1) ||
      refuse "The settings are not valid for $HA_INGESTOR_VERSION. No service was changed." "$answer"
  done
  check_data "$1"
}

freeze() {  # freeze DEPLOY: keep the configuration, with every setting in it
  local name
  mkdir -p "$state_dir/$1"
  record "$1/compose.yml" "$(checkout_compose config)"
  record "$1/commit" "$HA_INGESTOR_COMMIT"
  record "$1/settings" "$(for name in "${managed[@]}"; do echo "$name=$(setting "$name")"; done)"
}

setting() {  # setting NAME: of the environment, else of .env, as compose reads it
  if [[ -n ${!1+set} ]]; then echo "${!1}"; else sed -nE "s/^ *(export +)?$1 *= *//p" "$compose_dir/.env" | tail -n 1; fi
}

adopt() {  # adopt DEPLOY: before the first one, keep what runs already, with the images that it runs
  local name=${1%%-*}-before service id
  [[ -z $(recorded current) && -n $(containers "$1" admin-api) ]] || return 0
  for service in admin-api health-dashboard; do
    id=$(containers "$1" "$service" | sed -n 1p)
    [[ -z $id ]] || docker tag "$(docker inspect --format '{{.Image}}' "$id")" "$(image_of "$service" "$name")"
  done
  (
    unset USE_INFLUXDB_STATS INFLUXDB_ROLLOUT_PERCENT
    export HA_INGESTOR_VERSION=$name HA_INGESTOR_COMMIT=
    freeze "$name"
  )
  record current "$name"
  say "The running containers were not deployed by this script. Their configuration is saved as $name."
}

# --- the current state

has_data() { [[ " ${with_data[*]} " == *" $1 "* ]]; }

publishes() {  # publishes DEPLOY SERVICE: ports of the machine, which two containers cannot have at once
  awk -v service="$2:" '/^  [^ ]/ { here = $1 == service } here && /^    ports:/ { found = 1 } END { exit !found }' "$state_dir/$1/compose.yml"
}

image_of() { if [[ $1 == health-dashboard ]]; then echo "ha-ingestor-dashboard:$2"; else echo "ha-ingestor:$2"; fi; }

have_images() { docker image inspect "ha-ingestor:$1" "ha-ingestor-dashboard:$1" >/dev/null 2>&1; }

version_of() { sed -n 's/^HA_INGESTOR_VERSION=//p' "$state_dir/$1/settings"; }

containers() {  # containers DEPLOY SERVICE: of its project, newest first
  docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$(sed -n 's/^name: //p' "$state_dir/$1/compose.yml")" \
    --filter "label=com.docker.compose.service=$2" --filter label=com.docker.compose.oneoff=False
}

as_wanted() {  # as_wanted DEPLOY SERVICE CONTAINER: whether it runs the image and the configuration of that deploy
  local image hash
  image=$(docker image inspect --format '{{.Id}}' "$(image_of "$2" "$(version_of "$1")")")
  hash=$(of "$1" config --hash "$2" | cut -d ' ' -f 2)
  [[ $(docker inspect --format '{{.State.Running}} {{.Image}} {{index .Config.Labels "com.docker.compose.config-hash"}}' "$3") == "true $image $hash" ]]
}

in_image() {  # in_image DEPLOY SERVICE COMMAND: in a separate container, with the settings and volumes of the service
  of "$1" run --rm --no-deps --no-TTY --entrypoint "$3" "$2" "${@:4}" </dev/null
}

# --- rolling out

roll_out() {  # roll_out DEPLOY: unchanged services are not replaced
  local service
  for service in enrichment-pipeline websocket-ingestion; do replace "$1" "$service"; done
  replace_beside "$1" admin-api
  if publishes "$1" health-dashboard; then replace "$1" health-dashboard; else replace_beside "$1" health-dashboard; fi
  for service in $(of "$1" config --services | grep -vxE 'influxdb|influxdb-init|enrichment-pipeline|websocket-ingestion|admin-api|health-dashboard'); do
    say "$service"
    of "$1" up --detach --no-deps --wait --wait-timeout "$wait_s" "$service"
  done
}

prepare_store() {  # prepare_store DEPLOY: InfluxDB runs, with what the release needs. It is not replaced.
  local id status
  id=$(containers "$1" influxdb | sed -n 1p)
  if [[ -z $id || $(docker inspect --format '{{.State.Running}}' "$id") != true ]]; then
    say "influxdb: starting"
    of "$1" up --detach --no-deps --wait --wait-timeout "$wait_s" influxdb
  elif [[ $(docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "$id") != "$(of "$1" config --hash influxdb | cut -d ' ' -f 2)" ]]; then
    warn "influxdb runs with other settings than those of this release, and was not changed. See docs/deploy.md, InfluxDB."
  fi
  of "$1" up --detach --no-deps influxdb-init
  id=$(containers "$1" influxdb-init | sed -n 1p)
  status=$(docker wait "$id")
  [[ $status == 0 ]] || { docker logs --tail 20 "$id" >&2; return 1; }
}

replace() {  # replace DEPLOY SERVICE: the old container stops, then the new one starts
  local ids
  mapfile -t ids < <(containers "$1" "$2")
  if ((${#ids[@]} == 1)) && as_wanted "$1" "$2" "${ids[0]}"; then
    say "$2: unchanged"
  else
    if ((${#ids[@]})); then say "$2: replacing"; else say "$2: starting"; fi
    if has_data "$2"; then
      ((${#ids[@]} == 0)) || docker stop "${ids[@]}" >/dev/null
      back_up "$1" "$2"
      restore_data "$1" "$2"
    fi
  fi
  of "$1" up --detach --no-deps --wait --wait-timeout "$wait_s" "$2"
}

replace_beside() {  # replace_beside DEPLOY SERVICE: the new container answers before the old one is stopped
  local id old=() new=''
  while read -r id; do
    if as_wanted "$1" "$2" "$id"; then
      new=$id
    elif [[ $(docker inspect --format '{{.State.Running}}' "$id") == true ]]; then
      old+=("$id")
    else
      docker rm --force "$id" >/dev/null
    fi
  done < <(containers "$1" "$2")
  if [[ -n ${restores[$2]:-} && -z $new ]]; then
    replace "$1" "$2"  # two releases cannot share data that one of them cannot read
    return
  fi
  if [[ -z $new ]]; then
    if ((${#old[@]})); then say "$2: starting the new container beside the old one"; else say "$2: starting"; fi
    if has_data "$2"; then back_up "$1" "$2"; fi
    of "$1" up --detach --no-deps --no-recreate --scale "$2=$((${#old[@]} + 1))" "$2"
    new=$(containers "$1" "$2" | sed -n 1p)
  else
    say "$2: unchanged"
  fi
  wait_until_healthy "$new"
  ((${#old[@]})) || return 0
  sleep "$settle_s"
  say "$2: stopping the old container"
  docker stop "${old[@]}" >/dev/null
  docker rm "${old[@]}" >/dev/null
}

wait_until_healthy() {  # wait_until_healthy CONTAINER
  local state='' end=$((SECONDS + wait_s))
  while ((SECONDS < end)) && [[ $state != unhealthy* && $state != *' '[3-9] ]]; do
    state=$(docker inspect --format '{{.State.Health.Status}} {{.RestartCount}}' "$1")
    [[ $state != healthy* ]] || return 0
    sleep 0.5
  done
  say "The new container is not healthy. The end of its log:" >&2
  docker logs --tail 20 "$1" >&2
  return 1
}

smoke_test() {  # smoke_test DEPLOY
  ask_running smoke --limit-s "$smoke_s" --front http://health-dashboard:3000 --commit "$(recorded "$1/commit")"
}

ask_running() {  # ask_running ARGUMENTS: inside a container of the Admin API, which has the secret
  local id project name
  name=$(recorded next)
  project=$(sed -n 's/^name: //p' "$state_dir/${name:-$(recorded current)}/compose.yml" 2>/dev/null || true)
  id=$(docker ps --quiet --filter "label=com.docker.compose.project=${project:-${COMPOSE_PROJECT_NAME:-ha-ingestor}}" \
    --filter label=com.docker.compose.service=admin-api --filter label=com.docker.compose.oneoff=False | sed -n 1p)
  [[ -n $id ]] || { say "No container of the Admin API is running." >&2; return 1; }
  docker exec --interactive "$id" python - "$@" <"$root/scripts/deployment/ask_admin_api.py"
}

keep_settings() { write_settings "$1"; forget_old_deploys; }  # keep_settings DEPLOY

restore_release() {  # restore_release DEPLOY: the one before it, with its data where the newer release changed their format
  local before backup=$1
  before=$(recorded "$1/before")
  check_data "$before"
  roll_out "$before"
  smoke_test "$before"
}

roll_back() {
  local release passed=true
  release=$(rollback_target)
  [[ -n $release ]] || refuse "No earlier deploy is known. git checkout <tag>, then scripts/deploy.sh."
  have_images "$(version_of "$release")" || refuse "The images of $(version_of "$release") are missing. git checkout <tag>, then scripts/deploy.sh."
  check_data "$release"
  [[ $release == "$(recorded current)" ]] || record next "$release"
  trap 'say "The rollback failed. Run it again; see docs/deploy.md." >&2; exit 3' EXIT
  trap 'exit 1' INT TERM
  trap '' HUP PIPE
  say_or_keep "Going back to $release."
  roll_out "$release"
  smoke_test "$release" || passed=false
  trap - EXIT INT TERM
  rm -f "$state_dir/next"  # before `current` changes: after a kill between the two, the next rollback has the same target
  end_deploy "$release"
  $passed || exit 1
  say "$release is running again."
}
