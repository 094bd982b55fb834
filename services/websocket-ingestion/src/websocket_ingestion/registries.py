"""Home Assistant's registries, and where it is: fetched as they are, named by a hash of their content."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Protocol

import msgspec
import structlog
from ha_ingestor_core.events import Location, Registries
from msgspec import Raw

from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.protocol import Message

_log = structlog.get_logger()


class CommandRunner(Protocol):
    """Whoever can run a command on Home Assistant."""

    async def command(self, kind: str, **fields: Any) -> Message:
        """The reply; raises CommandRefusedError and ConnectionLostError."""
        ...


async def fetch_registries(runner: CommandRunner, home: str) -> Registries:
    """The entities, devices, areas, floors, labels and place of a home; a list that Home Assistant refuses is empty."""
    entities = await _list(runner, "config/entity_registry/list")
    devices = await _list(runner, "config/device_registry/list")
    areas = await _list(runner, "config/area_registry/list")
    floors = await _list(runner, "config/floor_registry/list")
    labels = await _list(runner, "config/label_registry/list")
    location = await _location(runner)
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


async def _list(runner: CommandRunner, command: str) -> bytes:
    try:
        result = bytes((await runner.command(command)).result)
    except CommandRefusedError as err:
        # Older releases do not know every registry, and a token may lack the right: then names are missing, not events.
        _log.warning("registry_not_listed", command=command, code=err.code, error=err.message)
        return b"[]"
    return result if result.startswith(b"[") else b"[]"


async def _location(runner: CommandRunner) -> Location | None:
    try:
        return msgspec.json.decode((await runner.command("get_config")).result, type=Location | None)
    except (CommandRefusedError, msgspec.MsgspecError) as err:
        _log.debug("location_not_told", error=str(err))
        return None
