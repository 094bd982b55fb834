"""The SQL that counts events, from raw events or from a rollup."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.schema import (
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
)
from ha_ingestor_store.embedded.file.sql import floor_division


def count_by_group(grain_ns: int) -> str:
    """Count events by group from `:start` to `:end`: buckets of a rollup, or nanoseconds of events if grain is 0."""
    if not grain_ns:
        return (
            "SELECT series.group_id, sum(n) FROM (SELECT series, count(*) AS n FROM events INDEXED BY events_by_time "
            "WHERE time_ns >= :start AND time_ns < :end GROUP BY series) AS counted "
            "JOIN series ON series.id = counted.series GROUP BY 1"
        )
    return (
        f"SELECT group_id, sum(count) FROM {EVENT_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY group_id"
    )


def count_total(grain_ns: int) -> str:
    """Count all events, with parameters as in `count_by_group`; for raw events this takes a fifth of the time."""
    if not grain_ns:
        return "SELECT count(*) FROM events INDEXED BY events_by_time WHERE time_ns >= :start AND time_ns < :end"
    return f"SELECT coalesce(sum(count), 0) FROM {EVENT_ROLLUPS[grain_ns]} WHERE bucket >= :start AND bucket < :end"


def count_by_window(grain_ns: int) -> str:
    """Count the events of a rollup by window of `:window` buckets, from bucket `:start` to `:end`."""
    return (
        f"SELECT {floor_division('bucket', ':window')}, sum(count) FROM {EVENT_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY 1"
    )


def count_by_series(grain_ns: int) -> str:
    """Count events by series, with parameters as in `count_by_group`."""
    if not grain_ns:
        return (
            "SELECT series, count(*) FROM events INDEXED BY events_by_time "
            "WHERE time_ns >= :start AND time_ns < :end GROUP BY series"
        )
    return (
        f"SELECT series, sum(count) FROM {ENTITY_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY series"
    )
