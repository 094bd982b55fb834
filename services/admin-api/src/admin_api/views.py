"""The store's answers as JSON: plain dictionaries, encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Response
from ha_ingestor_core.backfill import BackfillProgress
from ha_ingestor_core.clock import NS_PER_S, datetime_to_ns, ns_to_rfc3339
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store import answers
from ha_ingestor_store.points import EventPoint, RejectedEvent, event_id
from msgspec import structs

from admin_api.filter_preview import Preview
from admin_api.sources import HomeStatus

View = dict[str, Any]

SERVICE_NUMBERS = (
    *(counter.value for counter in Counter),
    "events_per_minute",
    "processing_time_ms",
    "processing_time_ms_p95",
    "success_rate",
    "queue_depth",
    "lag_s",
)
"""What is known of a service in numbers; null where it is not."""


class JsonAnswer(Response):
    """An answer of anything msgspec can encode; never kept by a cache, since the next moment has another."""

    media_type = "application/json"

    def __init__(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msgspec.json.encode(body), status, {"Cache-Control": "no-store", **(headers or {})})


def backfill_view(progress: BackfillProgress) -> View:
    """A backfill, and how far it is."""
    gap = progress.gap
    return {
        "start": ns_to_rfc3339(gap.start_ns),
        "end": ns_to_rfc3339(gap.end_ns),
        "status": gap.status,
        "done_percent": progress.done_percent,
        "entities": gap.entities,
        "entities_done": progress.entities_done,
        "read_until": time_or_none(progress.read_until_ns),
        "recovered": gap.recovered,
        "known": gap.known,
        "lost": gap.lost,
        "closed": time_or_none(gap.closed_ns),
    }


def coverage_view(coverage: answers.Coverage) -> View:
    """From when an answer counts."""
    return {"start": time_or_none(coverage.start_ns), "complete": coverage.complete}


def services_view(
    services: Iterable[answers.ServiceStatistics], minutes: float, unknown: Mapping[str, str] | None = None
) -> dict[str, View]:
    """Services by name; rates are over `minutes`. Of an `unknown` one nothing is known but why it did not answer."""
    known = {service.service: _service_view(service, minutes) for service in services}
    return known | {name: _unknown_service_view(name, reason) for name, reason in (unknown or {}).items()}


def trend_view(points: Iterable[answers.TrendPoint]) -> list[View]:
    """Counts by window."""
    return [{"time": ns_to_rfc3339(point.start_ns), "count": point.count} for point in points]


def silence_view(silence: answers.EntitySilence, name: str | None) -> View:
    """An entity that is silent, by its name; durations in seconds."""
    return {
        "entity_id": silence.entity_id,
        "home": silence.home,
        "friendly_name": name,
        "last_seen": ns_to_rfc3339(silence.seen_ns),
        "last_changed": ns_to_rfc3339(silence.changed_ns),
        "silent_for_s": silence.silent_ns / NS_PER_S,
        "usual_interval_s": None if silence.usual_ns is None else silence.usual_ns / NS_PER_S,
        "factor": silence.factor,
    }


def event_view(point: EventPoint) -> View:
    """One event; its JSON texts are embedded as they came."""
    return {
        "id": event_id(point.series_key, point.time_ns),
        "time": ns_to_rfc3339(point.time_ns),
        "event_type": point.event_type,
        "entity_id": point.entity_id,
        "state": point.state,
        "old_state": point.old_state,
        "value": point.value,
        "unit": point.unit,
        "friendly_name": point.friendly_name,
        "area": point.area,
        "floor": point.floor,
        "labels": _json_text(point.labels) or [],
        "device": point.device,
        "device_class": point.device_class,
        "integration": point.integration,
        "attributes": _json_text(point.attributes),
        "context_id": point.context_id,
        "context_parent_id": point.context_parent_id,
        "context_user_id": point.context_user_id,
        "origin": point.origin,
        "home": point.home,
        "domain": point.domain,
        "removed": point.removed,
        "origin_kind": point.origin_kind,
        "data": _json_text(point.data),
        "weather": point.weather,
    }


def rejected_view(event: RejectedEvent) -> View:
    """One rejected event, without its payload, which may be long."""
    return {
        "id": event.id,
        "time": ns_to_rfc3339(event.time_ns),
        "home": event.home,
        "service": event.service,
        "key": event.key,
        "message": event.message,
        "origin_kind": event.origin_kind,
        "replayed": time_or_none(event.replayed_ns),
        "outcome": event.outcome,
    }


def rejected_detail_view(event: RejectedEvent) -> View:
    """One rejected event with its payload, as text: it may be no JSON at all."""
    return {**rejected_view(event), "payload": event.payload}


def preview_view(preview: Preview) -> View:
    """What filters would have left out, the rule with the most events first."""
    dropped = sorted(preview.dropped.items(), key=lambda each: (-each[1].count, each[0]))
    return {
        "start": ns_to_rfc3339(preview.start_ns),
        "complete": preview.is_complete,
        "events": preview.events,
        "kept": preview.kept,
        "dropped": [
            {
                "rule": rule,
                "count": found.count,
                "busiest": [
                    {"name": name, "friendly_name": found.friendly_names.get(name), "count": count}
                    for name, count in found.busiest
                ],
                "examples": [event_view(point) for point in found.examples],
            }
            for rule, found in dropped
        ],
    }


def gap_view(gap: Gap, names: Mapping[str, str]) -> View:
    """One gap, with the friendly names of the entities that it says are lost."""
    lost = " ".join(gap.lost)
    return {
        "home": gap.home,
        "start": ns_to_rfc3339(gap.start_ns),
        "end": ns_to_rfc3339(gap.end_ns),
        "reason": gap.reason,
        "status": gap.status,
        "entities": gap.entities,
        "recovered": gap.recovered,
        "known": gap.known,
        "lost": gap.lost,
        "entity_names": {entity: name for entity, name in names.items() if entity in lost},
        "found": ns_to_rfc3339(gap.found_ns),
        "closed": time_or_none(gap.closed_ns),
    }


def filling_view(home: HomeStatus) -> View:
    """The gap that is being filled in a home, which has one."""
    filling = home.gaps.filling
    assert filling is not None
    return {
        "home": home.home,
        **structs.asdict(filling),
        "start": moment_or_none(filling.start),
        "end": moment_or_none(filling.end),
        "read_until": moment_or_none(filling.read_until),
        "is_connected": home.websocket_connection.is_connected,
    }


def history_view(points: Iterable[answers.HistoryPoint]) -> list[View]:
    """States of an entity."""
    return [{"time": ns_to_rfc3339(p.time_ns), "state": p.state, "value": p.value, "unit": p.unit} for p in points]


def windows_view(points: Iterable[answers.WindowPoint]) -> list[View]:
    """Numbers of an entity by window."""
    return [
        {
            "time": ns_to_rfc3339(p.start_ns),
            "min": p.min,
            "mean": p.mean,
            "max": p.max,
            "count": p.count,
            "unit": p.unit,
            "converted_from": p.converted_from,
        }
        for p in points
    ]


def moment_or_none(moment: datetime | None) -> str | None:
    """RFC 3339 of a datetime, or None where there is none; msgspec would write its own form of it."""
    return None if moment is None else ns_to_rfc3339(datetime_to_ns(moment))


def time_or_none(time_ns: int | None) -> str | None:
    """RFC 3339, or None where there is no time."""
    return None if time_ns is None else ns_to_rfc3339(time_ns)


def _service_view(service: answers.ServiceStatistics, minutes: float) -> View:
    counters = {counter.value: service.counters.get(counter, 0) for counter in Counter}
    return {
        "service": service.service,
        **counters,
        "events_per_minute": counters[Counter.RECEIVED] / minutes,
        "processing_time_ms": service.processing_time_ms,
        "processing_time_ms_p95": service.processing_time_ms_p95,
        "success_rate": service.success_rate,
        "queue_depth": service.queue_depth,
        "lag_s": service.lag_s,
        "last_seen": ns_to_rfc3339(service.last_seen_ns),
        "error": None,
    }


def _unknown_service_view(name: str, reason: str) -> View:
    return {**dict.fromkeys(SERVICE_NUMBERS), "service": name, "last_seen": None, "error": reason}


def _json_text(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())
