"""What every role does first: take the descriptors that the system allows."""

from __future__ import annotations

import resource

_ENOUGH_DESCRIPTORS = 65_536


def raise_descriptor_limit() -> None:
    """Raise the soft limit of open files to the hard one; many systems begin at 1,024 and allow far more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS may allow less than it says
        return
