"""Registries as Home Assistant sent them, and the name of their content."""

from __future__ import annotations

from typing import Any

from msgspec import Raw
from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.protocol import Message
from websocket_ingestion.registries import fetch_registries, registry_version


class FakeRunner:
    def __init__(self, **answers: bytes) -> None:
        self.answers = answers

    async def command(self, kind: str, **fields: Any) -> Message:
        answer = self.answers.get(kind.split("/")[1])
        if answer is None:
            raise CommandRefusedError(kind, "unknown_command", "Unknown command.")
        return Message(success=True, result=Raw(answer))


async def test_the_lists_stay_as_they_came() -> None:
    runner = FakeRunner(entity_registry=b'[{"a": 1}]', device_registry=b'[ {"b":2}]', area_registry=b"[]")
    registries = await fetch_registries(runner, "home")
    assert registries.home == "home"
    lists = (registries.entities, registries.devices, registries.areas)
    assert tuple(map(bytes, lists)) == (b'[{"a": 1}]', b'[ {"b":2}]', b"[]")


async def test_a_list_that_is_refused_or_none_is_empty() -> None:
    registries = await fetch_registries(FakeRunner(entity_registry=b"null", area_registry=b"[1]"), "home")
    lists = (registries.entities, registries.devices, registries.areas)
    assert tuple(map(bytes, lists)) == (b"[]", b"[]", b"[1]")


def test_the_version_is_the_contents_alone() -> None:
    assert registry_version(b"[1]", b"[2]", b"[]") == registry_version(b"[1]", b"[2]", b"[]")
    names = {registry_version(*lists) for lists in ((b"a", b"b", b"c"), (b"ab", b"", b"c"), (b"b", b"a", b"c"))}
    assert len(names) == 3
