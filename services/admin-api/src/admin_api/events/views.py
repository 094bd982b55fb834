"""JSON forms of events and entities."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from ha_ingestor_core.clock import NS_PER_S, ns_to_rfc3339
from ha_ingestor_store import answers
from ha_ingestor_store.points import EventPoint, event_id

from admin_api.http.views import View


def silence_view(silence: answers.EntitySilence, name: str | None) -> View:
    """Return the JSON form of a silent entity."""
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
    """Return the JSON form of an event; its JSON texts are embedded unchanged."""
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


def history_view(points: Iterable[answers.HistoryPoint]) -> list[View]:
    """Return the JSON form of states."""
    return [{"time": ns_to_rfc3339(p.time_ns), "state": p.state, "value": p.value, "unit": p.unit} for p in points]


def windows_view(points: Iterable[answers.WindowPoint]) -> list[View]:
    """Return the JSON form of windows."""
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


def _json_text(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())
