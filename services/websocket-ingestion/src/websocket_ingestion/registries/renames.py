"""Renames of entities: missed ones are found by the registry's own ids, and become the event that was missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from ha_ingestor_core.clock import NS_PER_US, datetime_to_ns, ns_to_rfc3339
from ha_ingestor_core.events import Registries
from msgspec import Raw, Struct


class Rename(Struct, frozen=True):
    """An entity got another id; `time_ns` is by Home Assistant's clock, as exact as it is known."""

    old_id: str
    new_id: str
    time_ns: int


class _Entity(Struct):
    id: Any = None
    unique_id: Any = None
    platform: Any = None
    entity_id: Any = None
    modified_at: Any = None


_entities = msgspec.json.Decoder(_Entity)


def missed_renames(before: Registries, now: Registries, since_ns: int, reported: Sequence[Rename] = ()) -> list[Rename]:
    """Return the renames between two registries that were not `reported` by events, in the order of their times.

    The time is that of the entry's last change where that came later (`modified_at`, since 2024.7), else the
    microsecond after `since_ns`, up to which the old ids were valid: an event of that very microsecond had the old one.
    """
    after_ns = since_ns // NS_PER_US * NS_PER_US + NS_PER_US
    rows = list(_rows(before.entities))
    later = _not_among({entity.entity_id for entity in rows}, reported)
    given_ns = {rename.new_id: rename.time_ns for rename in later}
    known: dict[object, str] = {}
    for entity in rows:
        known.update(dict.fromkeys(_identities(entity), current_id(entity.entity_id, later)))
    renames = []
    for entity in _rows(now.entities):
        old_id = next((known[identity] for identity in _identities(entity) if identity in known), None)
        if old_id is not None and old_id != entity.entity_id:
            time_ns = max(_modified_ns(entity), after_ns, given_ns.get(old_id, 0) + NS_PER_US)
            renames.append(Rename(old_id, entity.entity_id, time_ns))
    return sorted(renames, key=lambda rename: (rename.time_ns, rename.old_id))


def id_at(entity_id: str, time_ns: int, renames: Sequence[Rename]) -> str:
    """Return the id that a current entity had at a time; `renames` are all there were, in the order of their times."""
    for rename in reversed(renames):
        if rename.new_id == entity_id and time_ns < rename.time_ns:
            entity_id = rename.old_id
    return entity_id


def current_id(entity_id: str, renames: Sequence[Rename]) -> str:
    """Return the id after all of `renames` of an entity with an id before them."""
    for rename in renames:
        if rename.old_id == entity_id:
            entity_id = rename.new_id
    return entity_id


def rename_event(rename: Rename) -> Raw:
    """Return the `entity_registry_updated` event of a rename."""
    data = {
        "action": "update",
        "entity_id": rename.new_id,
        "old_entity_id": rename.old_id,
        "changes": {"entity_id": rename.old_id},
    }
    return Raw(
        msgspec.json.encode(
            {"event_type": "entity_registry_updated", "data": data, "time_fired": ns_to_rfc3339(rename.time_ns)}
        )
    )


def _not_among(ids: set[str], reported: Sequence[Rename]) -> list[Rename]:
    """Return the renames after a registry with these ids was read, judged by the old and new ids."""
    later = []
    for rename in reported:
        if rename.old_id in ids and rename.new_id not in ids:
            later.append(rename)
            ids = ids - {rename.old_id} | {rename.new_id}
    return later


def _rows(entities: Raw) -> Iterator[_Entity]:
    try:
        rows = msgspec.json.decode(entities, type=list[Raw])
    except msgspec.MsgspecError:
        return
    for row in rows:
        try:
            entity = _entities.decode(row)
        except msgspec.MsgspecError:
            continue
        if isinstance(entity.entity_id, str) and entity.entity_id:
            yield entity


def _modified_ns(entity: _Entity) -> int:
    """Return the time of the last change, exact to the microsecond; 0 where there is none."""
    try:
        return datetime_to_ns(datetime.fromtimestamp(entity.modified_at, UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        return 0


def _identities(entity: _Entity) -> Iterator[object]:
    """Return what a rename does not change: the id of the registry entry, and the integration's own."""
    if isinstance(entity.id, str) and entity.id:
        yield entity.id
    if isinstance(entity.unique_id, str) and isinstance(entity.platform, str):
        yield (entity.entity_id.partition(".")[0], entity.platform, entity.unique_id)
