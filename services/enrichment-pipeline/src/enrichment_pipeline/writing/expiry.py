"""Expired events: older than the retention of the store; not written, and counted once as expired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.points import EventPoint

from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.rejected.database import EntityKey


def without_expired(prepared: PreparedBatch, kept_from_ns: int | None) -> PreparedBatch:
    """Return the batch with its expired points moved from `points` to `expired`."""
    if kept_from_ns is None or all(point.time_ns >= kept_from_ns for point in prepared.points):
        return prepared
    kept = [at for at, point in enumerate(prepared.points) if point.time_ns >= kept_from_ns]
    return replace(
        prepared,
        points=[prepared.points[at] for at in kept],
        indices=[prepared.indices[at] for at in kept],
        expired=[point for point in prepared.points if point.time_ns < kept_from_ns],
    )


def count_known(expired: Iterable[EventPoint], known: Mapping[EntityKey, int]) -> int:
    """Return how many of the expired points were counted as expired before.

    The snapshot of every connection repeats all states, so an old state is delivered many times.
    """
    return sum(known.get(key) == time_ns for point in expired for key, time_ns in _state(point))


def states_of(expired: Iterable[EventPoint]) -> dict[EntityKey, int]:
    """Return the states that the next snapshot will repeat."""
    return dict(state for point in expired for state in _state(point))


def _state(point: EventPoint) -> list[tuple[EntityKey, int]]:
    if point.origin_kind is not OriginKind.SNAPSHOT or point.entity_id is None:
        return []
    return [((point.home, point.entity_id), point.time_ns)]
