#!/usr/bin/env bash
# Run a command inside a Debian tree, with /proc and /dev mounted for that command alone. Needs root.
# Usage: scripts/in-debian-tree.sh TREE COMMAND [ARGUMENT …]
set -euo pipefail
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --mount --propagation private sh -c \
  'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"' "$@"
