"""Facts about entities from Home Assistant's registries: name, area, floor, labels, device and integration."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from ha_ingestor_core.errors import InvalidInputError, RegistryUnknownError
from ha_ingestor_core.events import Registries
from msgspec import Raw, Struct

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS

_VERSIONS_KEPT = 4  # batches in flight may refer to an earlier version
_PARENTS_FOLLOWED = 8  # limits a circle of parents

R = TypeVar("R", bound=Struct)


class EntityFacts(Struct, frozen=True, gc=False):
    """The facts about one entity; `labels` is a JSON array of names, None without labels."""

    name: str | None = None
    area: str | None = None
    device: str | None = None
    device_class: str | None = None
    floor: str | None = None
    labels: str | None = None
    integration: str | None = None


Entities = Mapping[str, EntityFacts]
NO_FACTS = EntityFacts()
NO_ENTITIES: Entities = MappingProxyType({})


class KnownRegistries:
    """The registries of all homes, in their latest versions."""

    def __init__(self) -> None:
        self._homes: dict[str, dict[str, Entities]] = {}

    async def add(self, registries: Registries) -> None:
        """Add the newest version; raises InvalidInputError for an invalid list."""
        entities = await asyncio.to_thread(resolve, registries)
        versions = self._homes.setdefault(registries.home, {})
        versions.pop(registries.version, None)
        versions[registries.version] = entities
        while len(versions) > _VERSIONS_KEPT:
            del versions[next(iter(versions))]

    def entities(self, home: str, version: str | None) -> Entities:
        """Return the entities by ID: of a version, or without one of the newest. Raises RegistryUnknownError."""
        versions = self._homes.get(home, {})
        if version is None:
            return next(reversed(versions.values()), {})
        if version not in versions:
            raise RegistryUnknownError(
                f"Version {version} of the registries of {home} is unknown. Send it, then the batch again",
                home=home,
                version=version,
            )
        return versions[version]


def resolve(registries: Registries) -> Entities:
    """Return the facts of each entity, joined from the lists; invalid rows are ignored."""
    floors = {row.floor_id: row for row in _rows(registries.floors, "floors", _floors) if _text(row.floor_id)}
    labels = {row.label_id: row for row in _rows(registries.labels, "labels", _labels) if _text(row.label_id)}
    areas = {row.area_id: row for row in _rows(registries.areas, "areas", _areas) if _text(row.area_id)}
    devices = {row.id: row for row in _rows(registries.devices, "devices", _devices) if _text(row.id)}
    return {
        row.entity_id: _facts(row, areas, devices, floors, labels)
        for row in _rows(registries.entities, "entities", _entities)
        if _text(row.entity_id)
    }


class _Floor(Struct):
    floor_id: Any = None
    name: Any = None


class _Label(Struct):
    label_id: Any = None
    name: Any = None


class _Area(Struct):
    area_id: Any = None
    name: Any = None
    floor_id: Any = None
    labels: Any = None


class _Device(Struct):
    id: Any = None
    name: Any = None
    name_by_user: Any = None
    area_id: Any = None
    parent_device_id: Any = None
    labels: Any = None


class _Entity(Struct):
    entity_id: Any = None
    name: Any = None
    original_name: Any = None
    area_id: Any = None
    device_id: Any = None
    device_class: Any = None
    original_device_class: Any = None
    labels: Any = None
    platform: Any = None


_floors = msgspec.json.Decoder(_Floor)
_labels = msgspec.json.Decoder(_Label)
_areas = msgspec.json.Decoder(_Area)
_devices = msgspec.json.Decoder(_Device)
_entities = msgspec.json.Decoder(_Entity)


def _rows(raw: Raw, field: str, decoder: msgspec.json.Decoder[R]) -> Iterator[R]:
    try:
        rows = msgspec.json.decode(raw, type=list[Raw])
    except DECODE_ERRORS as err:
        expected = "a JSON array"
        raise InvalidInputError(f"{field} must be {expected}: {err}", field=field, expected=expected) from err
    for row in rows:
        try:
            yield decoder.decode(row)
        except DECODE_ERRORS:
            continue


def _facts(
    row: _Entity,
    areas: dict[str, _Area],
    devices: dict[str, _Device],
    floors: dict[str, _Floor],
    labels: dict[str, _Label],
) -> EntityFacts:
    device_id = _text(row.device_id)
    device = devices.get(device_id) if device_id else None
    device_name = (_text(device.name_by_user) or _text(device.name)) if device else None
    area = areas.get(_text(row.area_id) or _area_of(device, devices) or "")
    floor = floors.get(_text(area.floor_id) or "") if area else None
    return EntityFacts(
        # An entity without a name has the name of its device, as in Home Assistant.
        name=_text(row.name) or _text(row.original_name) or device_name,
        area=_text(area.name) if area else None,
        device=device_name,
        device_class=_text(row.device_class) or _text(row.original_device_class),
        floor=_text(floor.name) if floor else None,
        labels=_label_names((row, device, area), labels),
        integration=_text(row.platform),
    )


def _label_names(labelled: Iterable[_Entity | _Device | _Area | None], labels: dict[str, _Label]) -> str | None:
    """Return the labels of an entity, its device and its area: these are the targets of an action on a label."""
    ids = {each for row in labelled if row and isinstance(row.labels, list) for each in row.labels if _text(each)}
    names = {name for label_id in ids if label_id in labels and (name := _text(labels[label_id].name))}
    return msgspec.json.encode(sorted(names)).decode() if names else None


def _area_of(device: _Device | None, devices: dict[str, _Device]) -> str | None:
    """Return the area of a device, else that of its parent.

    Only `parent_device_id` (child devices, since Home Assistant 2026.9) implies the area. `via_device_id` does not: a
    lamp is in another place than its hub.
    """
    for _ in range(_PARENTS_FOLLOWED):
        if device is None:
            return None
        if area_id := _text(device.area_id):
            return area_id
        parent_id = _text(device.parent_device_id)
        device = devices.get(parent_id) if parent_id else None
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
