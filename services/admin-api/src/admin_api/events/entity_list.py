"""The list of entities: numbers of events joined with the known properties, filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_store.answers import EntityCount, KnownEntity
from msgspec import Struct

from admin_api.http.parameters import EntityCursor
from admin_api.http.views import View


class EntityFilters(Struct, frozen=True):
    """Conditions on entities; None matches all. `entity_id` is a glob, `q` are words, the others match exactly."""

    q: str | None = None
    entity_id: str | None = None
    domain: str | None = None
    area: str | None = None
    floor: str | None = None
    label: str | None = None
    device: str | None = None
    integration: str | None = None


class ListedEntity(Struct, frozen=True):
    """An entity with its number of events; `known` is None without a state in the period."""

    count: EntityCount
    known: KnownEntity | None

    @property
    def place(self) -> EntityCursor:
        """The position in the list."""
        return EntityCursor(self.count.entity_id, self.count.home)

    @property
    def view(self) -> View:
        """The JSON form."""
        return {**known_view(self.count.home, self.count.entity_id, self.known), "count": self.count.count}


def listed(
    counts: Iterable[EntityCount], known: Iterable[KnownEntity], filters: EntityFilters
) -> Sequence[ListedEntity]:
    """Return the matching entities, sorted by id, then by home."""
    by_key = {(entity.home, entity.entity_id): entity for entity in known}
    entities = (ListedEntity(count, by_key.get((count.home, count.entity_id))) for count in counts)
    return sorted((entity for entity in entities if _is_wanted(entity, filters)), key=lambda each: _order(each.place))


def is_behind(entity: ListedEntity, cursor: EntityCursor) -> bool:
    """Return whether an entity is after the end of the previous page."""
    return _order(entity.place) > _order(cursor)


def choices(counts: Sequence[EntityCount], known: Sequence[KnownEntity]) -> View:
    """Return the values that entities can be filtered by, sorted."""
    found: dict[str, Iterable[str | None]] = {
        "homes": (count.home for count in counts),
        "domains": (_domain(count.entity_id) for count in counts),
        "areas": (each.area for each in known),
        "floors": (each.floor for each in known),
        "labels": (label for each in known for label in labels_of(each.labels)),
        "integrations": (each.integration for each in known),
    }
    return {name: sorted({value for value in values if value}, key=str.casefold) for name, values in found.items()}


def known_view(home: str, entity_id: str, known: KnownEntity | None) -> View:
    """Return the properties of an entity; null if unknown."""
    return {
        "entity_id": entity_id,
        "home": home,
        "domain": _domain(entity_id),
        "friendly_name": known.friendly_name if known else None,
        "area": known.area if known else None,
        "floor": known.floor if known else None,
        "labels": labels_of(known.labels if known else None),
        "device": known.device if known else None,
        "device_class": known.device_class if known else None,
        "integration": known.integration if known else None,
        "unit": known.unit if known else None,
        "state": known.state if known else None,
        "last_changed": ns_to_rfc3339(known.time_ns) if known else None,
    }


def labels_of(text: str | None) -> list[str]:
    """Decode the JSON list of labels."""
    return msgspec.json.decode(text, type=list[str]) if text else []


def _is_wanted(entity: ListedEntity, wanted: EntityFilters) -> bool:
    entity_id, known = entity.count.entity_id, entity.known
    if wanted.domain not in (None, _domain(entity_id)):
        return False
    if wanted.entity_id is not None and not fnmatchcase(entity_id, wanted.entity_id.replace("[", "[[]")):
        return False
    if wanted.q is not None and not _has_words(entity, wanted.q):
        return False
    if wanted.label is not None and wanted.label not in labels_of(known.labels if known else None):
        return False
    exact = (name for name in ("area", "floor", "device", "integration") if getattr(wanted, name) is not None)
    return all(known is not None and getattr(known, name) == getattr(wanted, name) for name in exact)


def _has_words(entity: ListedEntity, words: str) -> bool:
    """Return whether each word is part of the name, the id, the device or the area of an entity."""
    known = entity.known
    names = (known.friendly_name, known.device, known.area) if known else ()
    text = "\n".join((entity.count.entity_id, *(name for name in names if name))).casefold()
    return all(word in text for word in words.casefold().split())


def _order(place: EntityCursor) -> tuple[str, str]:
    return (place.entity_id, place.home)


def _domain(entity_id: str) -> str:
    return entity_id.partition(".")[0]
