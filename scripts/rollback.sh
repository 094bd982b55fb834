#!/usr/bin/env bash
# Return to the previous release, or switch off the statistics of the store at run time.
#
#   scripts/rollback.sh [--target compose|kubernetes]            the deploy before the running one: images and settings;
#                                                                after a killed deploy, the last completed one
#   scripts/rollback.sh [--target …] --flag[=off|10|50]          only the statistics source, within seconds, without a restart
#   scripts/rollback.sh --restore-backup [DEPLOY]                also restore the data of the services from before
#                                                                that deploy: see docs/deploy.md
#
# Exit codes: 0 done; 1 the previous release runs, but failed the smoke test; 2 refused, nothing was changed; 3 failed.

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
      --flag=*) flag=${1#*=}; [[ -n $flag ]] || refuse "--flag must be off, 10 or 50." ;;
      --restore-backup=*) backup=${1#*=} ;;
      --restore-backup) backup=newest ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; refuse "Unknown argument: $1" ;;
    esac
    shift
  done
  [[ $target == compose || $target == kubernetes ]] || refuse "--target must be compose or kubernetes."
  case $flag in '' | off | 10 | 50) ;; *) refuse "--flag must be off, 10 or 50." ;; esac
}

lower_flag() {
  local begin=$SECONDS
  ask_running stats-source "${flag/off/0}" || exit 3
  say "Statistics: $flag, after $((SECONDS - begin)) s. The change is saved in DATA_DIR; to undo it, use the Settings page of the dashboard."
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
