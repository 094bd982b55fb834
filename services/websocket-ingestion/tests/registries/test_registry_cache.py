"""The registries on disk, and what comparing them with new ones finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.events import OriginKind, Registries
from msgspec import Raw
from websocket_ingestion.registries.registry_cache import RegistryCache
from websocket_ingestion.registries.renames import Rename


class FakeSpool:
    """Durable only when `durable` is set."""

    def __init__(self) -> None:
        self.durable = asyncio.Event()
        self.asked = asyncio.Event()

    async def wait_until_durable(self) -> None:
        self.asked.set()
        await self.durable.wait()


class FakeIntake:
    def __init__(self) -> None:
        self.spool = FakeSpool()
        self.taken: list[tuple[Any, OriginKind]] = []

    def take(self, bodies: list[Raw], kind: OriginKind) -> None:
        self.taken += [(json.loads(bytes(body)), kind) for body in bodies]


class FakeGaps:
    def __init__(self) -> None:
        self.captured_until_ns: int | None = 5
        self.known: list[Rename] = []

    @property
    def renames(self) -> list[Rename]:
        return self.known

    def add_renames(self, renames: Iterable[Rename]) -> list[Rename]:
        new = [rename for rename in renames if rename not in self.known]
        self.known += new
        return new


class Rig:
    def __init__(self, folder: Path) -> None:
        self.gaps = FakeGaps()
        self.intake = FakeIntake()
        self.used: list[Registries | None] = []
        self.connected_ns: int | None = None
        self.path = folder / "registries" / "home.json"
        self.known = RegistryCache(
            self.path,
            intake=self.intake,  # type: ignore[arg-type]
            gaps=self.gaps,
            connected_ns=lambda: self.connected_ns,
            use=self.used.append,
        )


def named(entity_id: str) -> Registries:
    return Registries("home", entity_id, entities=Raw(json.dumps([{"id": "1", "entity_id": entity_id}]).encode()))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def keep(rig: Rig, registries: Registries) -> None:
    """One life of a process, with one connection."""
    rig.known.load()
    await rig.known.start()
    rig.connected_ns = 1
    rig.known.use(registries)
    await rig.known.stop()


async def test_what_was_known_is_known_after_a_restart(rig: Rig, tmp_path: Path) -> None:
    assert rig.known.load() is None
    await keep(rig, named("light.a"))
    assert rig.used == [named("light.a")]
    assert Rig(tmp_path).known.load() == named("light.a")


async def until_kept(rig: Rig, registries: Registries) -> None:
    async with asyncio.timeout(10):
        while Rig(rig.path.parent.parent).known.load() != registries:  # noqa: ASYNC110 - the file can only be looked for
            await asyncio.sleep(0.01)


async def test_registries_without_a_rename_are_saved_at_once(rig: Rig) -> None:
    """Killed before that, the next process could not find a rename."""
    await rig.known.start()
    rig.known.load()
    rig.connected_ns = 1
    rig.known.use(named("light.a"))
    await until_kept(rig, named("light.a"))
    assert not rig.intake.spool.asked.is_set()
    await rig.known.stop()


async def test_registries_are_kept_after_the_renames_that_they_hide_are_durable(rig: Rig, tmp_path: Path) -> None:
    """Killed between the two, the next process would compare with the new registries, and find no rename."""
    await keep(rig, named("light.a"))
    later = Rig(tmp_path)
    later.known.load()
    await later.known.start()
    later.connected_ns = 1
    later.known.use(named("light.b"))
    async with asyncio.timeout(10):
        await later.intake.spool.asked.wait()
    assert Rig(tmp_path).known.load() == named("light.a")
    later.intake.spool.durable.set()
    await until_kept(later, named("light.b"))
    await later.known.stop()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_file_is_no_reason_to_stop(rig: Rig, content: bytes) -> None:
    rig.path.parent.mkdir()
    rig.path.write_bytes(content)
    assert rig.known.load() is None


async def test_a_rename_while_disconnected_becomes_one_event(rig: Rig, tmp_path: Path) -> None:
    await keep(rig, named("light.a"))
    later = Rig(tmp_path)
    await keep(later, named("light.b"))
    ((event, kind),) = later.intake.taken
    assert (event["data"]["old_entity_id"], event["data"]["entity_id"]) == ("light.a", "light.b")
    assert kind is OriginKind.BACKFILL
    again = Rig(tmp_path)
    await keep(again, named("light.b"))
    assert again.intake.taken == []


async def test_a_rename_during_a_connection_gets_no_second_event(rig: Rig) -> None:
    rig.connected_ns = 1
    rig.known.use(named("light.a"))
    rig.known.use(named("light.b"))
    assert rig.intake.taken == []
    rig.connected_ns = None
    rig.known.use(None)
    rig.connected_ns = 2
    rig.known.use(named("light.c"))
    assert len(rig.intake.taken) == 1
    assert rig.used == [named("light.a"), named("light.b"), None, named("light.c")]


async def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(rig: Rig) -> None:
    rig.path.parent.write_text("a file where the folder should be")
    await keep(rig, named("light.a"))
    assert rig.used == [named("light.a")]


async def test_a_missed_rename_follows_one_that_was_reported_after_the_registries_were_read(
    rig: Rig, tmp_path: Path
) -> None:
    await keep(rig, named("light.a"))
    later = Rig(tmp_path)
    later.gaps.known = [Rename("light.a", "light.b", 3_000)]
    await keep(later, named("light.c"))
    assert later.gaps.known[1:] == [Rename("light.b", "light.c", 4_000)], "after the one that was told"


async def test_a_missed_rename_came_after_everything_that_is_captured(rig: Rig, tmp_path: Path) -> None:
    await keep(rig, named("light.a"))
    later = Rig(tmp_path)
    later.gaps.captured_until_ns = 7_000
    await keep(later, named("light.b"))
    ((event, _),) = later.intake.taken
    assert event["time_fired"] == ns_to_rfc3339(8_000)
    assert later.gaps.known == [Rename("light.a", "light.b", 8_000)]


async def test_a_rename_reported_before_the_registries_were_saved_gets_no_second_event(
    rig: Rig, tmp_path: Path
) -> None:
    await keep(rig, named("light.a"))
    later = Rig(tmp_path)
    later.gaps.known.append(Rename("light.a", "light.b", 1_000))
    await keep(later, named("light.b"))
    assert later.intake.taken == []
