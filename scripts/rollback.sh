#!/usr/bin/env bash
# Go back to the release before, or turn the statistics of the store off at run time.
#
#   scripts/rollback.sh [--target compose|kubernetes]            the deploy before the one that runs: images and settings;
#                                                                after a killed deploy the last good one
#   scripts/rollback.sh [--target …] --flag[=off|10|50]          only the statistics source, within seconds, without a restart
#   scripts/rollback.sh --restore-backup [DEPLOY]                also take back the data of the services, as it was before
#                                                                that deploy: docs/deploy.md says when
#
# Exit codes: 0 done; 1 the release before runs, and failed the smoke test; 2 refused, nothing was changed; 3 failed.

# shellcheck disable=SC2034  # read by the targets
set -Eeuo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=deployment/common.sh
. "$root/scripts/deployment/common.sh"
# shellcheck source=deployment/state.sh
. "$root/scripts/deployment/state.sh"

target=compose flag='' backup=''

parse() {
  while (($#)); do
    case $1 in
      --target=*) target=${1#*=} ;;
      --target) target=${2:-}; shift ;;
      --flag) flag=off ;;
      --flag=*) flag=${1#*=}; [[ -n $flag ]] || refuse "--flag is off, 10 or 50." ;;
      --restore-backup=*) backup=${1#*=} ;;
      --restore-backup) backup=newest ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; refuse "Unknown argument: $1" ;;
    esac
    shift
  done
  [[ $target == compose || $target == kubernetes ]] || refuse "--target is compose or kubernetes."
  case $flag in '' | off | 10 | 50) ;; *) refuse "--flag is off, 10 or 50." ;; esac
}

lower_flag() {
  local begin=$SECONDS
  ask_running stats-source "${flag/off/0}" || exit 3
  say "Statistics: $flag, after $((SECONDS - begin)) s. The change is kept in DATA_DIR; Settings on the dashboard takes it back."
}

main() {
  parse "$@"
  # shellcheck source=deployment/compose.sh
  . "$root/scripts/deployment/$target.sh"
  check_tools
  if [[ -n $flag ]]; then
    lower_flag
    exit
  fi
  take_lock
  roll_back
}

main "$@"
exit
