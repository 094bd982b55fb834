# shellcheck shell=bash disable=SC2034,SC2154
# Shared by deploy.sh and rollback.sh: messages, the lock, the version of the checkout, the selected settings.

umask 077  # .deploy contains settings and data
compose_dir=$root/infrastructure/compose
smoke_s=${DEPLOY_SMOKE_S:-90}  # until a release passes its test
state_dir=${DEPLOY_STATE_DIR:-$compose_dir/.deploy}
managed=(HA_INGESTOR_VERSION HA_INGESTOR_COMMIT USE_INFLUXDB_STATS INFLUXDB_ROLLOUT_PERCENT)

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }
say_or_keep() { say "$@" || exec >>"$state_dir/output" 2>&1; }  # if the output is closed, as after the end of an SSH connection

warn() { say "Warning: $*" >&2; }

refuse() {  # nothing was changed
  printf '%s\n' "$@" >&2
  exit 2
}

take_lock() {  # held until this process and all its child processes have ended
  mkdir -p "$state_dir"
  chmod 700 "$state_dir"
  exec 9>"$state_dir/lock"
  flock --nonblock 9 && return
  say "Another deploy or rollback, or a command of a killed one, is running. Waiting up to 60 s."
  flock --wait "${DEPLOY_LOCK_WAIT_S:-60}" 9 || refuse "Another deploy or rollback is running. Nothing was changed."
}

read_version() {  # of this checkout, as an image tag, unless the environment sets it
  if [[ -z ${HA_INGESTOR_VERSION:-} ]]; then
    HA_INGESTOR_VERSION=$(git -C "$root" describe --tags --always --dirty 2>/dev/null) ||
      refuse "$root is not a git checkout. Set HA_INGESTOR_VERSION to the version of the images."
    HA_INGESTOR_COMMIT=$(git -C "$root" rev-parse HEAD)
  fi
  HA_INGESTOR_VERSION=${HA_INGESTOR_VERSION//[^A-Za-z0-9_.-]/-}
  export HA_INGESTOR_VERSION HA_INGESTOR_COMMIT=${HA_INGESTOR_COMMIT:-}
}

choose_stats_source() {  # off, or the percentage of clients that get the store's statistics; empty: from the environment
  case $1 in
    off) export USE_INFLUXDB_STATS=false INFLUXDB_ROLLOUT_PERCENT='' ;;
    10 | 50 | 100) export USE_INFLUXDB_STATS=true INFLUXDB_ROLLOUT_PERCENT=$1 ;;
    '')
      # Without a percentage, USE_INFLUXDB_STATS=true means every client, regardless of the value in .env.
      if [[ -n ${USE_INFLUXDB_STATS:-} ]]; then export INFLUXDB_ROLLOUT_PERCENT=${INFLUXDB_ROLLOUT_PERCENT:-}; fi
      ;;
    *) refuse "--stats-source must be off, 10, 50 or 100." ;;
  esac
}

usage() {  # the comment at the top of the script
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}
