"""Registries as Home Assistant sent them, and the name of their content."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.events import Location
from msgspec import Raw
from websocket_ingestion.errors import CommandRefusedError
from websocket_ingestion.messages import Message
from websocket_ingestion.registries.registries import fetch_registries, registry_version


class FakeRunner:
    def __init__(self, **answers: bytes) -> None:
        self.code = "unknown_command"
        self.answers = answers

    async def command(self, kind: str, **fields: Any) -> Message:
        answer = self.answers.get(kind.split("/")[-2] if "/" in kind else kind)
        if answer is None:
            raise CommandRefusedError(kind, self.code, "Refused.")
        return Message(success=True, result=Raw(answer))


async def test_the_lists_stay_as_they_came() -> None:
    runner = FakeRunner(
        entity_registry=b'[{"a": 1}]',
        device_registry=b'[ {"b":2}]',
        area_registry=b"[]",
        floor_registry=b"[3]",
        label_registry=b"[4]",
    )
    registries = await fetch_registries(runner, "home")
    assert (bytes(registries.floors), bytes(registries.labels)) == (b"[3]", b"[4]")
    assert registries.home == "home"
    lists = (registries.entities, registries.devices, registries.areas)
    assert tuple(map(bytes, lists)) == (b'[{"a": 1}]', b'[ {"b":2}]', b"[]")


async def test_a_list_that_is_refused_or_none_is_empty() -> None:
    registries = await fetch_registries(FakeRunner(entity_registry=b"null", area_registry=b"[1]"), "home")
    lists = (registries.entities, registries.devices, registries.areas)
    assert tuple(map(bytes, lists)) == (b"[]", b"[]", b"[1]")


async def test_a_list_that_cannot_be_given_now_stays_as_it_was() -> None:
    before = await fetch_registries(
        FakeRunner(entity_registry=b"[1]", device_registry=b"[2]", get_config=b'{"latitude": 1, "longitude": 2}'),
        "home",
    )
    runner = FakeRunner(device_registry=b"[3]")
    runner.code = "unknown_error"
    now = await fetch_registries(runner, "home", before)
    assert (bytes(now.entities), bytes(now.devices), now.location) == (b"[1]", b"[3]", Location(1.0, 2.0))


@pytest.mark.parametrize("code", ["unknown_command", "unauthorized"])
async def test_a_list_that_is_never_given_is_empty(code: str) -> None:
    before = await fetch_registries(FakeRunner(entity_registry=b"[1]"), "home")
    runner = FakeRunner()
    runner.code = code
    assert bytes((await fetch_registries(runner, "home", before)).entities) == b"[]"


@pytest.mark.parametrize(
    ("config", "location"),
    [
        (b'{"latitude": 52.37, "longitude": 4, "state": "RUNNING"}', Location(52.37, 4.0)),
        (b'{"latitude": null, "longitude": null}', None),
        (b"null", None),
        (b"[]", None),
        (None, None),
    ],
)
async def test_the_place_is_what_the_configuration_says(config: bytes | None, location: Location | None) -> None:
    answers = {} if config is None else {"get_config": config}
    assert (await fetch_registries(FakeRunner(**answers), "home")).location == location


async def test_a_move_of_the_home_is_a_new_version_and_the_rest_of_the_configuration_is_not() -> None:
    told = [b'{"latitude": 1, "longitude": 2}', b'{"latitude": 1, "longitude": 2, "state": "x"}', b"null"]
    first, same, other = [(await fetch_registries(FakeRunner(get_config=each), "home")).version for each in told]
    assert first == same != other


def test_the_version_is_the_contents_alone() -> None:
    assert registry_version(b"[1]", b"[2]", b"[]") == registry_version(b"[1]", b"[2]", b"[]")
    names = {registry_version(*lists) for lists in ((b"a", b"b", b"c"), (b"ab", b"", b"c"), (b"b", b"a", b"c"))}
    assert len(names) == 3


async def test_floors_and_labels_are_part_of_the_version() -> None:
    runners = (FakeRunner(), FakeRunner(floor_registry=b"[1]"), FakeRunner(label_registry=b"[1]"))
    versions = {(await fetch_registries(runner, "home")).version for runner in runners}
    assert len(versions) == 3
