"""The SQL that counts events, from raw events or from a rollup."""

from __future__ import annotations

from ha_ingestor_store.embedded.file.schema import (
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
)
from ha_ingestor_store.embedded.file.sql import floor_division


def count_by_group(grain_ns: int) -> str:
    """Events by group between `:start` and `:end`: buckets of a rollup, or raw nanoseconds when grain is 0."""
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
    """Events between `:start` and `:end`, as in `count_by_group`; without groups raw ones cost a fifth."""
    if not grain_ns:
        return "SELECT count(*) FROM events INDEXED BY events_by_time WHERE time_ns >= :start AND time_ns < :end"
    return f"SELECT coalesce(sum(count), 0) FROM {EVENT_ROLLUPS[grain_ns]} WHERE bucket >= :start AND bucket < :end"


def count_by_window(grain_ns: int) -> str:
    """Events of a rollup by window of `:window` buckets between the buckets `:start` and `:end`."""
    return (
        f"SELECT {floor_division('bucket', ':window')}, sum(count) FROM {EVENT_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY 1"
    )


def count_by_series(grain_ns: int) -> str:
    """Events by series between `:start` and `:end`, as in `count_by_group`."""
    if not grain_ns:
        return (
            "SELECT series, count(*) FROM events INDEXED BY events_by_time "
            "WHERE time_ns >= :start AND time_ns < :end GROUP BY series"
        )
    return (
        f"SELECT series, sum(count) FROM {ENTITY_ROLLUPS[grain_ns]} "
        "WHERE bucket >= :start AND bucket < :end GROUP BY series"
    )
