"""Time elapsed since a moment of an earlier process, exact even where our clock was set in between."""

from __future__ import annotations

import time
from pathlib import Path

from ha_ingestor_core.clock import NS_PER_S, Clock
from msgspec import Struct

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN_NS = 3600 * NS_PER_S


class Moment(Struct, frozen=True):
    """A moment by our clock, and by the time since the machine was booted; `boot` is 0 where that is unknown."""

    now_ns: int
    boot: int = 0
    up_ns: int = 0


def this_moment(clock: Clock) -> Moment:
    """Return the present moment."""
    try:
        boot = int(_BOOT_ID.read_text(encoding="ascii").replace("-", "")[:15], 16)
        return Moment(clock.now_ns(), boot, time.clock_gettime_ns(time.CLOCK_BOOTTIME))
    except (OSError, ValueError, AttributeError):  # not Linux
        return Moment(clock.now_ns())


def elapsed_ns(since: Moment, now: Moment) -> int:
    """Return the nanoseconds between two moments: exact unless the machine was booted in between.

    After a boot, by our clock; an hour where that is before the first moment.
    """
    if is_exact(since, now):
        return now.up_ns - since.up_ns
    passed_ns = now.now_ns - since.now_ns
    return passed_ns if passed_ns >= 0 else _UNKNOWN_NS


def is_exact(since: Moment, now: Moment) -> bool:
    """Whether the elapsed time does not depend on our clock."""
    return since.boot != 0 and since.boot == now.boot
