"""Home Assistant's registries, and where it is: fetched as they are, named by a hash of their content."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import structlog
from ha_ingestor_core.events import Location, Registries
from msgspec import Raw

from websocket_ingestion.errors import NEVER_HELPS, CommandRefusedError
from websocket_ingestion.messages import CommandRunner

_log = structlog.get_logger()


async def fetch_registries(runner: CommandRunner, home: str, known: Registries | None = None) -> Registries:
    """Return the entities, devices, areas, floors, labels and place of a home.

    A list that Home Assistant cannot give now stays as it was in `known`; one that it never gives is empty.
    """
    known = known or Registries(home, "")
    entities = await _list(runner, "config/entity_registry/list", known.entities)
    devices = await _list(runner, "config/device_registry/list", known.devices)
    areas = await _list(runner, "config/area_registry/list", known.areas)
    floors = await _list(runner, "config/floor_registry/list", known.floors)
    labels = await _list(runner, "config/label_registry/list", known.labels)
    location = await _location(runner, known.location)
    return Registries(
        home=home,
        version=registry_version(entities, devices, areas, floors, labels, msgspec.json.encode(location)),
        entities=Raw(entities),
        devices=Raw(devices),
        areas=Raw(areas),
        location=location,
        floors=Raw(floors),
        labels=Raw(labels),
    )


def registry_version(*lists: bytes) -> str:
    """A name for the content of the lists: the same lists, the same name."""
    digest = blake2b(digest_size=8)
    for content in lists:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


async def _list(runner: CommandRunner, command: str, known: Raw) -> bytes:
    try:
        result = bytes((await runner.command(command)).result)
    except CommandRefusedError as err:
        # Older releases do not know every registry, and a token may lack the right: then names are missing, not events.
        _log.warning("registry_not_listed", command=command, code=err.code, error=err.message)
        return b"[]" if err.code in NEVER_HELPS else bytes(known)
    return result if result.startswith(b"[") else bytes(known)


async def _location(runner: CommandRunner, known: Location | None) -> Location | None:
    try:
        return msgspec.json.decode((await runner.command("get_config")).result, type=Location | None)
    except (CommandRefusedError, msgspec.MsgspecError) as err:
        _log.debug("location_not_received", error=str(err))
        return known
