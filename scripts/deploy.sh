#!/usr/bin/env bash
# Deploy the release of this checkout, one service after the other, and return to the previous release on failure.
#
#   scripts/deploy.sh [--target compose|kubernetes] [--stats-source=off|10|50|100]
#                     [--build | --pull REGISTRY] [--overlay NAME] [--restore-backup DEPLOY]
#
# --stats-source  the source of statistics: the services (off), or the store for this percentage of the clients. By default
#                 USE_INFLUXDB_STATS and INFLUXDB_ROLLOUT_PERCENT of the environment, otherwise the previous values.
# --build         build the images even if they exist; --pull pulls them from a registry
# --overlay       influxdb (default), embedded, or the folder of your own kustomization
# --restore-backup  restore the data of the services from the backup of a deploy: see docs/deploy.md
#
# Exit codes: 0 deployed; 1 failed, the previous release runs again; 2 refused, nothing was changed; 3 failed, and the
# previous release could not be restored. See docs/deploy.md.

# shellcheck disable=SC2031,SC2034,SC2317  # read by the targets; reached by a trap
set -Eeuo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deployment/common.sh
. "$root/scripts/deployment/common.sh"
# shellcheck source=deployment/state.sh
. "$root/scripts/deployment/state.sh"

target=compose images=auto overlay="" backup='' chosen=''

parse() {
  while (($#)); do
    case $1 in
      --target=* | --stats-source=* | --pull=* | --overlay=* | --restore-backup=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      --target | --stats-source | --pull | --overlay | --restore-backup) (($# > 1)) || refuse "$1 needs a value." ;;&
      --target) target=$2; shift 2 ;;
      --stats-source) chosen=$2; shift 2 ;;
      --pull) images=$2; shift 2 ;;
      --overlay) overlay=$2; shift 2 ;;
      --restore-backup) backup=$2; shift 2 ;;
      --build) images=build; shift ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; refuse "Unknown argument: $1" ;;
    esac
  done
  [[ $target == compose || $target == kubernetes ]] || refuse "--target must be compose or kubernetes."
}

go_back() {  # after a deploy that was interrupted by an error or a signal
  trap - EXIT INT TERM
  trap '' HUP PIPE  # a closed terminal must not stop the return to the previous release
  exec >&2
  say_or_keep "The deploy of $HA_INGESTOR_VERSION failed."
  if [[ -z $(recorded "$deploy/before") ]]; then
    say "There is no previous release to return to. The started containers are left as they are."
    exit 3
  fi
  say "Returning to the previous release."
  set +e
  (set -e; restore_release "$deploy")
  # shellcheck disable=SC2181  # as a condition it would not end at the first error
  (($? == 0)) || { say "Returning failed as well. Run scripts/rollback.sh to try again; see docs/deploy.md."; exit 3; }
  set -e
  end_deploy "$(recorded "$deploy/before")"
  say "The previous release is running again."
  exit 1
}

raise_switch() {  # the source of this deploy takes effect, regardless of the run-time switch
  [[ ${USE_INFLUXDB_STATS:-} == true ]] || return 0
  ask_running stats-source "${INFLUXDB_ROLLOUT_PERCENT:-100}" || warn "The run-time switch of the statistics source is not changed."
}

main() {
  parse "$@"
  choose_stats_source "$chosen"
  # shellcheck source=deployment/compose.sh
  . "$root/scripts/deployment/$target.sh"
  read_version
  check_target
  take_lock
  [[ -z $(recorded next) ]] || say "An earlier deploy or rollback was interrupted. This one continues from its state."
  deploy=$(date -u +%Y%m%dT%H%M%SZ)-$HA_INGESTOR_VERSION
  get_images "$images"
  trap 'refuse "The deploy of $HA_INGESTOR_VERSION cannot start. No service was changed."' ERR
  prepare "$deploy"
  trap - ERR
  begin_deploy "$deploy"
  trap go_back EXIT
  trap 'exit 1' INT TERM HUP
  say "Deploying $HA_INGESTOR_VERSION."
  roll_out "$deploy"
  smoke_test "$deploy"
  trap - EXIT INT TERM HUP
  end_deploy "$deploy"
  raise_switch
  say "$HA_INGESTOR_VERSION is running."
}

main "$@"
exit
