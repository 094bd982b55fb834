"""Home Assistant's registries and location: fetched as they are, with a hash of their content as their version."""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import structlog
from ha_ingestor_core.events import Location, Registries
from msgspec import Raw

from websocket_ingestion.errors import NEVER_HELPS, CommandRefusedError
from websocket_ingestion.messages import CommandRunner

_log = structlog.get_logger()


async def fetch_registries(runner: CommandRunner, home: str, previous: Registries | None = None) -> Registries:
    """Return the entities, devices, areas, floors, labels and location of a home.

    A list that Home Assistant cannot return now is that of `previous`; one that it never returns is empty.
    """
    previous = previous or Registries(home, "")
    entities = await _list(runner, "config/entity_registry/list", previous.entities)
    devices = await _list(runner, "config/device_registry/list", previous.devices)
    areas = await _list(runner, "config/area_registry/list", previous.areas)
    floors = await _list(runner, "config/floor_registry/list", previous.floors)
    labels = await _list(runner, "config/label_registry/list", previous.labels)
    location = await _location(runner, previous.location)
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
    """Return a hash of the lists."""
    digest = blake2b(digest_size=8)
    for content in lists:
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


async def _list(runner: CommandRunner, command: str, previous: Raw) -> bytes:
    try:
        result = bytes((await runner.command(command)).result)
    except CommandRefusedError as err:
        # An older release lacks a registry, or the token lacks the right: names are missing then, but no events.
        _log.warning("registry_not_listed", command=command, code=err.code, error=err.message)
        return b"[]" if err.code in NEVER_HELPS else bytes(previous)
    return result if result.startswith(b"[") else bytes(previous)


async def _location(runner: CommandRunner, previous: Location | None) -> Location | None:
    try:
        return msgspec.json.decode((await runner.command("get_config")).result, type=Location | None)
    except (CommandRefusedError, msgspec.MsgspecError) as err:
        _log.debug("location_not_received", error=str(err))
        return previous
