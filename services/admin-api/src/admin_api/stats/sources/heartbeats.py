"""Heartbeats: pure functions that divide a period into slots and rate each by the reports in it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange, window_starts
from msgspec import Struct

GRACE_NS = 30 * NS_PER_S
"""Three reporting intervals: a report that is not older may not yet be stored."""
MINUTES_KEPT_NS = 2 * DAY_NS
"""Reports are read by minute for this long; older ones from hourly rollups, since reports may have expired."""
_MOST_SLOTS = 96
_MOST_INTERVALS = 10_000
_SLOTS_NS = tuple(
    [n * MINUTE_NS for n in (1, 5, 15, 30)] + [n * HOUR_NS for n in (1, 2, 4, 8, 12)] + [n * DAY_NS for n in (1, 2, 4)]
)


class HeartbeatState(StrEnum):
    """The state of a slot: down without a report, degraded with missing reports or failures."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Presence(Struct, frozen=True):
    """The intervals with a report of a service, by start, with the number of failures in each."""

    reported: Mapping[int, int]
    reported_before: bool
    """Whether it had reported before the period."""


class Slot(Struct, frozen=True):
    """A part of a period, with the number of intervals with a report and of expected reports."""

    start_ns: int
    state: HeartbeatState
    reports: int
    expected: int
    failed: int


def interval_of(time_range: TimeRange, now_ns: int) -> int:
    """Return the length of an interval: a minute for recent periods, otherwise an hour, or a day for long ones."""
    if time_range.start_ns >= now_ns - MINUTES_KEPT_NS:
        return MINUTE_NS
    return HOUR_NS if (time_range.end_ns - time_range.start_ns) // HOUR_NS < _MOST_INTERVALS else DAY_NS


def slot_of(time_range: TimeRange, interval_ns: int) -> int:
    """Return the shortest slot length, a multiple of the interval, for at most about 96 slots."""
    length = time_range.end_ns - time_range.start_ns
    for slot_ns in _SLOTS_NS:
        if slot_ns >= interval_ns and length <= _MOST_SLOTS * slot_ns:
            return slot_ns
    return -(-length // _MOST_SLOTS // DAY_NS) * DAY_NS


def slots_of(presence: Presence, time_range: TimeRange, *, slot_ns: int, interval_ns: int, now_ns: int) -> list[Slot]:
    """Return all slots of a period, oldest first.

    No report is expected before the first report ever, in an interval that is partly outside the period, or in the
    last 30 seconds.
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
    """Return the percentage of expected intervals with a report; None if none is expected."""
    expected = sum(slot.expected for slot in slots)
    return 100.0 * sum(slot.reports for slot in slots) / expected if expected else None


def _state(reports: int, expected: int, failed: int) -> HeartbeatState:
    if not expected:
        return HeartbeatState.UNKNOWN
    if not reports:
        return HeartbeatState.DOWN
    return HeartbeatState.DEGRADED if reports < expected or failed else HeartbeatState.UP
