"""A damaged file of the embedded store: capture continues, the error is shown, and the store can be recovered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from ha_ingestor_store.embedded.file.store_file import FILE_NAME

from tests.e2e.ingestor import COMMAND, Ingestor


def overwrite_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def random_bytes(path: Path) -> None:
    path.write_bytes(os.urandom(200_000))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


AT_START = [overwrite_header, cut_off, delete]
WHILE_RUNNING = [empty, delete]


class Home:
    """A home, and an ingestor that captures it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house = House()
        self.home_assistant = SimulatedHomeAssistant(self.house, "token")
        self.number = 0
        self.store = folder / "data" / FILE_NAME
        self.ingestor: Ingestor | None = None

    async def start(self) -> Ingestor:
        await self.stop()
        self.ingestor = Ingestor(self.folder, url=self.home_assistant.url, token="token")
        await self.ingestor.start()
        return self.ingestor

    async def stop(self) -> None:
        if self.ingestor is not None:
            await self.ingestor.process.end()
            await self.ingestor.api.close()
            self.ingestor = None

    def change(self, times: int = 20) -> None:
        for _ in range(times):
            self.number += 1
            self.house.set_state(f"sensor.s{self.number % 5}", str(self.number), {})

    async def states(self) -> set[str]:
        assert self.ingestor is not None
        events = await self.ingestor.api.events(entity_id="sensor.s*", limit=1000)
        return {event["state"] for event in events}

    async def stored(self) -> None:
        """Return when every change so far is stored."""
        assert self.ingestor is not None
        wanted = {str(number) for number in range(1, self.number + 1)}
        await self.ingestor.api.eventually(self.states, lambda states: wanted <= states)

    async def damage_is_shown(self) -> None:
        """Return when health reports the damage and the action; the process keeps running and capturing."""
        assert self.ingestor is not None
        api = self.ingestor.api
        health = await api.eventually(
            lambda: api.get("/api/v1/health"),
            lambda h: h["ingestion_service"]["influxdb_storage"]["last_error"] is not None,
        )
        error = health["ingestion_service"]["influxdb_storage"]["last_error"]
        assert FILE_NAME in error
        assert "ha-ingestor restore" in error
        assert health["ingestion_service"]["websocket_connection"]["is_connected"]
        self.ingestor.process.assert_running()

    async def command(self, *arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            COMMAND,
            *arguments,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "DATA_DIR": str(self.folder / "data")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, output.decode()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path)
    await home.home_assistant.start()
    yield home
    await home.stop()
    await home.home_assistant.stop()


async def waits_in_spool(home: Home, events: int) -> None:
    assert home.ingestor is not None
    api = home.ingestor.api

    def waiting(health: Any) -> bool:
        return bool(health["ingestion_service"]["queue_depth"] >= events)

    await api.eventually(lambda: api.get("/api/v1/health"), waiting)


@pytest.mark.parametrize("damage", AT_START, ids=lambda damage: str(damage.__name__))
async def test_a_file_that_is_damaged_at_the_start_stops_no_capture(home: Home, damage: Callable[[Path], None]) -> None:
    await home.start()
    home.change()
    await home.stored()
    await home.stop()
    before = home.number
    damage(home.store)

    await home.start()
    home.change()
    await home.damage_is_shown()
    code, said = await home.command("doctor", "--no-create")
    assert code != 0
    assert "ha-ingestor restore" in said

    code, said = await home.command("restore", "--empty")
    assert code != 0, "it runs"
    assert "Stop it first" in said
    await home.stop()
    code, said = await home.command("restore", "--empty")
    assert code == 0, said
    await home.start()
    captured_meanwhile = {str(number) for number in range(before + 1, home.number + 1)}
    assert home.ingestor is not None
    await home.ingestor.api.eventually(home.states, lambda states: captured_meanwhile <= states)


@pytest.mark.parametrize("damage", WHILE_RUNNING, ids=lambda damage: str(damage.__name__))
async def test_a_file_that_is_damaged_while_it_is_used_stops_no_capture(
    home: Home, damage: Callable[[Path], None]
) -> None:
    await home.start()
    home.change()
    await home.stored()
    before = home.number
    damage(home.store)
    home.change()
    await home.damage_is_shown()

    await home.stop()
    code, said = await home.command("restore", "--empty")
    assert code == 0, said
    await home.start()
    captured_meanwhile = {str(number) for number in range(before + 1, home.number + 1)}
    assert home.ingestor is not None
    await home.ingestor.api.eventually(home.states, lambda states: captured_meanwhile <= states)


async def test_a_backup_of_a_running_store_comes_back_and_history_fills_what_came_after(home: Home) -> None:
    await home.start()
    home.change()
    await home.stored()
    code, said = await home.command("backup", "backup.tar.gz")
    assert code == 0, said
    assert (home.folder / "backup.tar.gz").stat().st_mode & 0o777 == 0o600
    home.change()
    await home.stored()
    await home.stop()
    random_bytes(home.store)

    code, said = await home.command("restore", "backup.tar.gz", "--replace")
    assert code == 0, said
    await home.start()
    await home.stored()
