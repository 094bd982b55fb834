"""JSON forms of gaps, rejected events and backfills."""

from __future__ import annotations

from collections.abc import Mapping

from ha_ingestor_core.calls.backfill import BackfillProgress
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.gaps import Gap
from ha_ingestor_store.points import RejectedEvent
from msgspec import structs

from admin_api.http.views import View, moment_or_none, time_or_none
from admin_api.peers.status import HomeStatus


def backfill_view(progress: BackfillProgress) -> View:
    """Return the JSON form of a backfill and its progress."""
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


def rejected_view(event: RejectedEvent) -> View:
    """Return the JSON form of a rejected event, without its payload."""
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
    """Return the JSON form of a rejected event with its payload as text, since it may be invalid JSON."""
    return {**rejected_view(event), "payload": event.payload}


def gap_view(gap: Gap, names: Mapping[str, str]) -> View:
    """Return the JSON form of a gap, with the friendly names of the entities in `lost`."""
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
    """Return the JSON form of the gap being filled in a home, which must have one."""
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
