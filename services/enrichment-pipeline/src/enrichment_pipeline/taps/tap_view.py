"""The outcome of each event of a write, and its JSON in a tap: the event as received, and its point."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from ha_ingestor_core.calls.taps import TapOutcome
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_store.answers import WriteResult
from ha_ingestor_store.points import EventPoint
from msgspec import Raw, Struct

from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.points.registries import NO_FACTS
from enrichment_pipeline.validation.attributes import string_in
from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS
from enrichment_pipeline.validation.event_reader import domain_of
from enrichment_pipeline.validation.fields import MAX_TIME_NS, MIN_TIME_NS

MAX_RAW_BYTES = 64 * 1024
"""A longer event is truncated, and its point has no attributes and data."""

_TEXTS_OF_JSON = ("attributes", "data", "labels")


class EventOutcome(Struct, frozen=True):
    """The outcome of the event at `index` of its batch; `point` is None where none was built."""

    index: int
    outcome: TapOutcome
    point: EventPoint | None = None
    key: str | None = None
    message: str | None = None


def outcomes(
    group: Sequence[PreparedBatch], result: WriteResult, receipts: Sequence[Receipt]
) -> Iterator[Iterator[EventOutcome]]:
    """Return the outcomes of the events of each batch of a group, in the order of the batch."""
    duplicates, expired = frozenset(result.duplicates), frozenset(result.expired)
    offset = 0
    for prepared, receipt in zip(group, receipts, strict=True):
        yield _outcomes(prepared, receipt, offset, duplicates, expired)
        offset += len(prepared.points)


def filtered_values(
    prepared: PreparedBatch, outcome: EventOutcome
) -> tuple[str, str | None, str | None, str | None, str | None]:
    """Return the values for a live filter: home, event type, domain, entity ID and area, as far as known."""
    home, point = prepared.batch.home, outcome.point
    if point is not None:
        return (home, point.event_type, point.domain, point.entity_id, point.area)
    event_type, entity_id = _peek(prepared.batch.events[outcome.index].event)
    if entity_id is None:
        return (home, event_type, None, None, None)
    return (home, event_type, domain_of(entity_id), entity_id, prepared.entities.get(entity_id, NO_FACTS).area)


def outcome_view(prepared: PreparedBatch, outcome: EventOutcome) -> bytes:
    """Return one event as JSON: as received, its outcome with the reason, and its point."""
    raw = prepared.batch.events[outcome.index]
    received = bytes(raw.event)
    is_cut = len(received) > MAX_RAW_BYTES
    return msgspec.json.encode(
        {
            "received": ns_to_rfc3339(min(max(raw.received_ns, MIN_TIME_NS), MAX_TIME_NS)),
            "home": prepared.batch.home,
            "origin_kind": raw.kind,
            "outcome": outcome.outcome,
            "reason": None if outcome.key is None else {"key": outcome.key, "message": outcome.message},
            "raw": received[:MAX_RAW_BYTES].decode(errors="replace" if is_cut else "backslashreplace"),
            "is_cut": is_cut,
            "point": None if outcome.point is None else _point_view(outcome.point, is_cut=is_cut),
        }
    )


def _outcomes(
    prepared: PreparedBatch, receipt: Receipt, offset: int, duplicates: frozenset[int], expired: frozenset[int]
) -> Iterator[EventOutcome]:
    rejections = {rejection.index: rejection for rejection in receipt.rejected}
    places = {index: place for place, index in enumerate(prepared.indices)}
    expired_before = iter(prepared.expired)
    for index in range(len(prepared.batch.events)):
        place = places.get(index)
        point = None if place is None else prepared.points[place]
        if rejection := rejections.get(index):
            yield EventOutcome(index, TapOutcome.REJECTED, point, rejection.key, rejection.message)
        elif rule := prepared.filtered.get(index):
            yield EventOutcome(index, TapOutcome.FILTERED, None, rule, None)
        elif place is None:
            yield EventOutcome(index, TapOutcome.EXPIRED, next(expired_before, None))
        elif offset + place in expired:
            yield EventOutcome(index, TapOutcome.EXPIRED, point)
        elif offset + place in duplicates:
            yield EventOutcome(index, TapOutcome.DUPLICATE, point)
        else:
            yield EventOutcome(index, TapOutcome.WRITTEN, point)


class _PeekedData(Struct):
    entity_id: Raw = Raw(b"null")


class _Peeked(Struct):
    event_type: Raw = Raw(b"null")
    data: Raw = Raw(b"null")


def _peek(event: Raw) -> tuple[str | None, str | None]:
    """Return the event type and the entity ID, as far as they can be read."""
    event_type = entity_id = None
    with contextlib.suppress(*DECODE_ERRORS):
        seen = msgspec.json.decode(event, type=_Peeked)
        event_type = string_in(seen.event_type)
        entity_id = string_in(msgspec.json.decode(seen.data, type=_PeekedData).entity_id)
    return event_type, entity_id


def _point_view(point: EventPoint, *, is_cut: bool) -> dict[str, Any]:
    """Return the point with its time in nanoseconds as text, since JavaScript would round it."""
    view = msgspec.structs.asdict(point)
    time_ns = view.pop("time_ns")
    for name in _TEXTS_OF_JSON:
        text = None if is_cut and name != "labels" else view[name]
        view[name] = None if text is None else Raw(text.encode(errors="surrogatepass"))
    return {"time": ns_to_rfc3339(time_ns), "time_ns": str(time_ns), **view}
