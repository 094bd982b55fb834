#!/usr/bin/env bash
# Deploy the release of this checkout, one service after the other, and go back by itself where that fails.
#
#   scripts/deploy.sh [--target compose|kubernetes] [--stats-source=off|10|50|100]
#                     [--build | --pull REGISTRY] [--overlay NAME] [--restore-backup DEPLOY]
#
# --stats-source  where statistics come from: the services (off), or the store for that percentage of the clients. Without
#                 it USE_INFLUXDB_STATS and INFLUXDB_ROLLOUT_PERCENT of the environment decide, else what was so before.
# --build         build the images although there are some of this version; --pull takes them from a registry
# --overlay       influxdb, embedded or the folder of a kustomization of your own; influxdb where it is not given
# --restore-backup  take the data of the services from the backup of a deploy: docs/deploy.md says when
#
# Exit codes: 0 deployed; 1 failed, and the release before runs again; 2 refused, nothing was changed; 3 failed, and the
# release before could not be brought back. docs/deploy.md has the rest.

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
  [[ $target == compose || $target == kubernetes ]] || refuse "--target is compose or kubernetes."
}

go_back() {  # at the end of every deploy that did not come to its end, by an error or by a signal
  trap - EXIT INT TERM
  trap '' HUP PIPE  # a terminal that has closed must not stop the return to the release before
  exec >&2
  say_or_keep "The deploy of $HA_INGESTOR_VERSION failed."
  if [[ -z $(recorded "$deploy/before") ]]; then
    say "There is no earlier one to go back to: what was started is left as it is."
    exit 3
  fi
  say "Going back to the release before."
  set +e
  (set -e; restore_release "$deploy")
  # shellcheck disable=SC2181  # as a condition it would not end at the first error
  (($? == 0)) || { say "Going back failed, too. scripts/rollback.sh tries it again; docs/deploy.md says what to look at."; exit 3; }
  set -e
  end_deploy "$(recorded "$deploy/before")"
  say "The release before runs again."
  exit 1
}

raise_switch() {  # a source that was chosen for this deploy is in force, whatever was chosen at run time before
  [[ ${USE_INFLUXDB_STATS:-} == true ]] || return 0
  ask_running stats-source "${INFLUXDB_ROLLOUT_PERCENT:-100}" || warn "The statistics source chosen at run time stays."
}

main() {
  parse "$@"
  choose_stats_source "$chosen"
  # shellcheck source=deployment/compose.sh
  . "$root/scripts/deployment/$target.sh"
  read_version
  check_target
  take_lock
  [[ -z $(recorded next) ]] || say "An earlier deploy or rollback did not come to its end. This one starts from what it left."
  deploy=$(date -u +%Y%m%dT%H%M%SZ)-$HA_INGESTOR_VERSION
  get_images "$images"
  trap 'refuse "The deploy of $HA_INGESTOR_VERSION cannot begin. No service was changed."' ERR
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
  say "$HA_INGESTOR_VERSION runs."
}

main "$@"
exit
