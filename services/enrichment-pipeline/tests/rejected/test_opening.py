"""Opening the file of rejected events: damage, permissions, and the events of earlier versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from enrichment_pipeline.rejected import opening
from enrichment_pipeline.rejected.database import RejectedDatabase
from enrichment_pipeline.rejected.rejected_file import FILE_NAME, RejectedFile
from ha_ingestor_core.delivery import ReplayOutcome
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.points import RejectedEvent
from ha_ingestor_store.questions import RecentRejected
from msgspec.structs import replace

from tests.enrichment_pipeline.rejected_files import LIMIT, event, found, opened


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 8192])
async def test_a_damaged_file_is_set_aside_and_stops_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    async with opened(tmp_path) as file:
        await file.keep([event()])
        assert await found(file, RecentRejected()) == [event()]
    aside = [path.read_bytes() for path in tmp_path.glob("*.damaged")]
    assert aside == ([content] if content else [])


async def test_a_folder_in_its_place_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    async with opened(tmp_path) as file:
        await file.keep([event()])
    assert len(list(tmp_path.glob("*.damaged"))) == 1


async def test_a_disk_that_gives_no_file_does_not_stop_the_start_and_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    async with opened(tmp_path / "data") as file:
        with pytest.raises(StoreUnavailableError, match="DATA_DIR"):
            await file.keep([event()])
        (tmp_path / "data").unlink()
        await file.keep([event()])
        assert file.last_error is None


async def test_the_file_is_its_owners(tmp_path: Path) -> None:
    async with opened(tmp_path) as file:
        await file.keep([event()])
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def kept_before(folder: Path, *events: RejectedEvent) -> None:
    """The file of an embedded store of an earlier version."""
    columns = RejectedEvent.__struct_fields__
    with closing(sqlite3.connect(folder / "events.sqlite3")) as old, old:
        old.execute(f"CREATE TABLE rejected_events ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        rows = [[getattr(each, name) for name in columns] for each in events]
        old.executemany(f"INSERT INTO rejected_events VALUES ({marks})", rows)


async def test_what_an_embedded_store_kept_before_is_taken_over_once(tmp_path: Path) -> None:
    replayed = replace(event(2), replayed_ns=7, outcome=ReplayOutcome.WRITTEN)
    kept_before(tmp_path, event(1), replayed)
    for _ in range(2):
        async with opened(tmp_path) as file:
            assert await found(file, RecentRejected()) == [replayed, event(1)]
    async with opened(tmp_path) as file:
        await file.discard([replayed.id])
    async with opened(tmp_path) as file:
        assert await found(file, RecentRejected()) == [event(1)]


async def test_a_kill_while_it_is_taken_over_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(file: RejectedDatabase, events: Sequence[RejectedEvent]) -> None:
        keep(file, events)
        raise KilledError

    kept_before(tmp_path, *map(event, range(5)))
    keep = RejectedDatabase.keep
    with monkeypatch.context() as patched:
        patched.setattr(opening, "_IMPORT_BATCH", 2)
        patched.setattr(RejectedDatabase, "keep", killed)
        file = RejectedFile(tmp_path, limit_bytes=LIMIT)
        with pytest.raises(KilledError):
            await file.open()
        await file.close()
    async with opened(tmp_path) as file:
        assert await found(file, RecentRejected()) == list(map(event, reversed(range(5))))


async def test_an_embedded_store_that_kept_none_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "events.sqlite3").write_bytes(b"damaged")
    async with opened(tmp_path) as file:
        assert await found(file, RecentRejected()) == []
