"""Bars of heartbeats: in which parts of a period a service reported, as pure functions of when it did."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.periods import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange, window_starts
from msgspec import Struct

GRACE_NS = 30 * NS_PER_S
"""Three reports: one that is no older may still be on its way into the store."""
MINUTES_KEPT_NS = 2 * DAY_NS
"""How far back minutes are read: further back the rollups of hours answer, and the reports themselves may be gone."""
_MOST_SLOTS = 96
_MOST_INTERVALS = 10_000
_SLOTS_NS = tuple(
    [n * MINUTE_NS for n in (1, 5, 15, 30)] + [n * HOUR_NS for n in (1, 2, 4, 8, 12)] + [n * DAY_NS for n in (1, 2, 4)]
)


class HeartbeatState(StrEnum):
    """How a slot was: no report at all is down, a part of the reports or a failure degraded."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Presence(Struct, frozen=True):
    """When a service reported: the starts of the intervals that hold a report, each with what failed in it."""

    reported: Mapping[int, int]
    reported_before: bool
    """Whether it had reported before the period."""


class Slot(Struct, frozen=True):
    """A part of a period: in how many intervals the service reported, of how many in which it should have."""

    start_ns: int
    state: HeartbeatState
    reports: int
    expected: int
    failed: int


def interval_of(time_range: TimeRange, now_ns: int) -> int:
    """Return the length in which reports are counted: a minute while reports are kept, else an hour, or a day."""
    if time_range.start_ns >= now_ns - MINUTES_KEPT_NS:
        return MINUTE_NS
    return HOUR_NS if (time_range.end_ns - time_range.start_ns) // HOUR_NS < _MOST_INTERVALS else DAY_NS


def slot_of(time_range: TimeRange, interval_ns: int) -> int:
    """Return the shortest slot, of whole intervals, that divides a period into at most about 96."""
    length = time_range.end_ns - time_range.start_ns
    for slot_ns in _SLOTS_NS:
        if slot_ns >= interval_ns and length <= _MOST_SLOTS * slot_ns:
            return slot_ns
    return -(-length // _MOST_SLOTS // DAY_NS) * DAY_NS


def slots_of(presence: Presence, time_range: TimeRange, *, slot_ns: int, interval_ns: int, now_ns: int) -> list[Slot]:
    """Return all slots of a period, oldest first.

    Nothing is expected before the first report ever, in an interval that the period cuts, or of the last moments.
    """
    first_ns = time_range.start_ns if presence.reported_before else min(presence.reported, default=time_range.end_ns)
    until_ns = min(time_range.end_ns, now_ns - GRACE_NS)
    expected = {
        start
        for start in window_starts(time_range, interval_ns)
        if start >= time_range.start_ns
        and start >= first_ns
        and (start in presence.reported or start + interval_ns <= until_ns)
    }
    slots = []
    for slot_start in window_starts(time_range, slot_ns):
        due = [start for start in range(slot_start, slot_start + slot_ns, interval_ns) if start in expected]
        found = [presence.reported[start] for start in due if start in presence.reported]
        slots.append(Slot(slot_start, _state(len(found), len(due), sum(found)), len(found), len(due), sum(found)))
    return slots


def uptime_percent(slots: list[Slot]) -> float | None:
    """Return the share of the intervals in which it reported; None where none was expected."""
    expected = sum(slot.expected for slot in slots)
    return 100.0 * sum(slot.reports for slot in slots) / expected if expected else None


def _state(reports: int, expected: int, failed: int) -> HeartbeatState:
    if not expected:
        return HeartbeatState.UNKNOWN
    if not reports:
        return HeartbeatState.DOWN
    return HeartbeatState.DEGRADED if reports < expected or failed else HeartbeatState.UP
