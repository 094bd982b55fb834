"""What the doctor finds of the embedded store."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_store.checkup import Finding, Status
from ha_ingestor_store.embedded.checkup import check_embedded, file_system_type, verify_embedded
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.points import EventPoint


async def examined(folder: Path, *, create: bool = True) -> dict[str, Finding]:
    return {finding.name: finding async for finding in check_embedded(folder, create=create)}


async def filled(folder: Path, events: int = 2000) -> Path:
    store = await EmbeddedStore.open(folder)
    await store.writer.write_events(
        [
            EventPoint(
                "home", STATE_CHANGED, n * 1_000_000_000, "sensor", f"sensor.s{n % 50}", state=str(n), data="x" * 99
            )
            for n in range(events)
        ]
    )
    await store.close()
    return folder / FILE_NAME


async def test_a_store_that_is_sound(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    before = path.read_bytes()
    found = await examined(tmp_path)
    assert [finding.status for finding in found.values()] == [Status.GOOD] * 5
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM meta WHERE key = 'doctor_check'").fetchone() == (0,)
    connection.close()
    assert path.read_bytes() == before


async def test_looking_alone_writes_nothing(tmp_path: Path) -> None:
    await filled(tmp_path)
    assert (await examined(tmp_path, create=False))["write, read"].status is Status.SKIPPED


async def test_a_store_that_is_open_is_no_problem(tmp_path: Path) -> None:
    store = await EmbeddedStore.open(tmp_path)
    assert {finding.status for finding in (await examined(tmp_path)).values()} == {Status.GOOD}
    await store.close()


async def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = await examined(tmp_path / "deep" / "down")
    assert {finding.status for finding in found.values()} == {Status.GOOD}
    assert not (tmp_path / "deep").exists()


async def test_a_damaged_file_is_a_finding(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    with path.open("r+b") as file:
        file.seek(8192 * 20)
        file.write(b"\xff" * 8192 * 10)
    found = await examined(tmp_path)
    assert found["integrity"].status is Status.PROBLEM
    assert "damaged" in found["integrity"].message


async def test_a_database_of_another_program_is_a_finding(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    found = await examined(tmp_path)
    assert found["file"].status is Status.PROBLEM
    assert "another program" in found["file"].message
    assert found["integrity"].status is Status.SKIPPED


async def test_a_file_that_is_no_database_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    assert (await examined(tmp_path))["file"].status is Status.PROBLEM


async def test_little_room_is_a_note_and_hardly_any_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 500 * 1024**2

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)
    assert (await examined(tmp_path))["free space"].status is Status.NOTE
    Usage.free = 50 * 1024**2
    assert (await examined(tmp_path))["free space"].status is Status.PROBLEM


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/x {tmp_path}/nas nfs4 rw 0 0\n", encoding="utf-8")
    (tmp_path / "nas" / "data").mkdir(parents=True)
    assert file_system_type(tmp_path / "nas" / "data", mounts) == "nfs4"
    assert file_system_type(tmp_path, mounts) == "ext4"
    assert file_system_type(tmp_path, tmp_path / "nothing") is None


async def verified(folder: Path) -> dict[str, Finding]:
    return {finding.name: finding async for finding in verify_embedded(folder)}


async def test_a_store_in_which_every_event_finds_its_facts_is_verified(tmp_path: Path) -> None:
    await filled(tmp_path)
    found = await verified(tmp_path)
    assert list(found) == ["file", "integrity", "facts"]
    assert {finding.status for finding in found.values()} == {Status.GOOD}


async def test_events_whose_facts_are_gone_are_counted(tmp_path: Path) -> None:
    path = await filled(tmp_path, events=7)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM facts")
    connection.close()
    found = (await verified(tmp_path))["facts"]
    assert found.status is Status.PROBLEM
    assert found.message.startswith("7 events refer to missing facts")


async def test_without_a_file_there_is_nothing_to_verify(tmp_path: Path) -> None:
    assert list(await verified(tmp_path / "none")) == ["file"]
