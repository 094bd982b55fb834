"""The parts of a period: which rollups answer it, and the raw points for the rest."""

from __future__ import annotations

from collections.abc import Sequence

from ha_ingestor_store.influx.influxql.selections import Part, part_of, with_length
from ha_ingestor_store.influx.rollups.progress import Progress, Span, plan_spans
from ha_ingestor_store.influx.schema import (
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    EVENTS,
    MAX_TIME_NS,
    MIN_TIME_NS,
    SERVICE_METRICS,
    SERVICE_ROLLUPS,
)
from ha_ingestor_store.time_range import TimeRange


def bounds(time_range: TimeRange) -> tuple[int, int]:
    """Return a range as InfluxDB can be asked for it: a period may reach back further than its calendar does."""
    return max(time_range.start_ns, MIN_TIME_NS), min(time_range.end_ns, MAX_TIME_NS)


def event_parts(
    time_range: TimeRange, progress: Progress, grains_ns: Sequence[int] = tuple(EVENT_ROLLUPS)
) -> list[Part]:
    """Return the parts that hold the events of a period by group."""
    spans = plan_spans(time_range, progress.events, grains_ns)
    return with_length(_part(EVENTS, EVENT_ROLLUPS, span) for span in spans)


def entity_parts(
    time_range: TimeRange, progress: Progress, grains_ns: Sequence[int] = tuple(ENTITY_ROLLUPS)
) -> list[Part]:
    """Return the parts that hold the events of a period by entity."""
    spans = plan_spans(time_range, progress.events, grains_ns)
    return with_length(_part(EVENTS, ENTITY_ROLLUPS, span) for span in spans)


def service_parts(
    time_range: TimeRange, progress: Progress, grains_ns: Sequence[int] = tuple(SERVICE_ROLLUPS)
) -> list[Part]:
    """Return the parts that hold the reports of a period."""
    spans = plan_spans(time_range, progress.services, grains_ns)
    return with_length(_part(SERVICE_METRICS, SERVICE_ROLLUPS, span) for span in spans)


def _part(raw: str, rollups: dict[int, str], span: Span) -> Part:
    start_ns, end_ns = bounds(TimeRange(span.start_ns, span.end_ns))
    return part_of(rollups[span.grain_ns] if span.grain_ns else raw, start_ns, end_ns)
