"""Rates, over the part of a period in which events were captured, at least a minute."""

from __future__ import annotations

from ha_ingestor_store.answers import Coverage, EventCount
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import TimeRange


def covered_range(time_range: TimeRange, coverage: Coverage) -> TimeRange:
    """Return the part of a range in which events were captured."""
    start_ns = max(time_range.start_ns, coverage.start_ns or time_range.start_ns)
    return TimeRange(min(start_ns, time_range.end_ns), time_range.end_ns)


def rate_minutes(covered: TimeRange) -> float:
    """Return the length of a range in minutes, at least 1."""
    return max(1.0, covered.minutes)


async def events_per_minute(reader: StoreReader, time_range: TimeRange, events: EventCount) -> float | None:
    """Return the rate of a range that holds `events`; None if nothing was ever captured.

    States of a snapshot from before the capture are not counted.
    """
    if events.coverage.start_ns is None and not events.total:
        return None
    covered = covered_range(time_range, events.coverage)
    captured = events if covered == time_range else await reader.event_count(covered)
    return captured.total / rate_minutes(covered)
