"""Home Assistant's registries: the entries of release 2024.3, with its keys in its order."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import msgspec
from msgspec import Struct

DEMO_CONFIG_ENTRY = md5(b"demo_home", usedforsecurity=False).hexdigest()


class Area(Struct, kw_only=True):
    """A room, or a part of the garden."""

    aliases: list[str] = []
    area_id: str
    icon: str | None = None
    name: str
    picture: str | None = None


class Floor(Struct, kw_only=True):
    """A floor."""

    floor_id: str
    icon: str | None = None
    level: int
    name: str


class Label(Struct, kw_only=True):
    """A label of entities."""

    color: str | None = None
    description: str | None = None
    icon: str | None = None
    label_id: str
    name: str


class Device(Struct, kw_only=True):
    """A device with entities."""

    area_id: str | None = None
    configuration_url: str | None = None
    config_entries: list[str] = msgspec.field(default_factory=lambda: [DEMO_CONFIG_ENTRY])
    connections: list[list[str]] = []
    disabled_by: str | None = None
    entry_type: str | None = None
    hw_version: str | None = None
    id: str
    identifiers: list[list[str]] = []
    manufacturer: str | None = None
    model: str | None = None
    name_by_user: str | None = None
    name: str | None = None
    serial_number: str | None = None
    sw_version: str | None = None
    via_device_id: str | None = None


class EntityEntry(Struct, kw_only=True):
    """An entity with a unique id."""

    area_id: str | None = None
    config_entry_id: str | None = DEMO_CONFIG_ENTRY
    device_id: str | None = None
    disabled_by: str | None = None
    entity_category: str | None = None
    entity_id: str
    has_entity_name: bool = True
    hidden_by: str | None = None
    icon: str | None = None
    id: str
    labels: list[str] = []
    name: str | None = None
    options: dict[str, Any] = {}
    original_name: str | None = None
    platform: str = "demo_home"
    translation_key: str | None = None
    unique_id: str


class Registries(Struct):
    """All registries of a house, as mutable lists."""

    areas: list[Area] = []
    floors: list[Floor] = []
    labels: list[Label] = []
    devices: list[Device] = []
    entities: list[EntityEntry] = []

    def area(self, area_id: str, name: str) -> Area:
        """Add an area."""
        area = Area(area_id=area_id, name=name)
        self.areas.append(area)
        return area

    def device(self, key: str, name: str, *, area_id: str | None = None, manufacturer: str, model: str) -> Device:
        """Add a device; the same key gives the same ids in each run."""
        device = Device(
            area_id=area_id,
            id=_id("device", key),
            identifiers=[["demo_home", key]],
            manufacturer=manufacturer,
            model=model,
            name=name,
        )
        self.devices.append(device)
        return device

    def entity(self, entity_id: str, *, device: Device | None = None, area_id: str | None = None) -> EntityEntry:
        """Add an entity; without an area it has that of its device."""
        entry = EntityEntry(
            entity_id=entity_id,
            id=_id("entity", entity_id),
            unique_id=_id("unique", entity_id),
            device_id=device.id if device else None,
            area_id=area_id,
        )
        self.entities.append(entry)
        return entry


def _id(kind: str, key: str) -> str:
    return md5(f"{kind} {key}".encode(), usedforsecurity=False).hexdigest()
