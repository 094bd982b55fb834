"""`ha-ingestor gaps`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from ha_ingestor import cli
from ha_ingestor_core.gaps import Gap, GapReason, GapStatus
from ha_ingestor_store.embedded.store import EmbeddedStore
from msgspec import structs
from typer.testing import CliRunner, Result

BASE_NS = 1_795_000_000_000_000_000
GAP = Gap(
    home="home",
    start_ns=BASE_NS,
    end_ns=BASE_NS + 1740 * 1_000_000_000,
    reason=GapReason.CONNECTION_LOST,
    status=GapStatus.CLOSED,
    recovered=1204,
    found_ns=BASE_NS,
    closed_ns=BASE_NS,
)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"TERM": "dumb", "COLUMNS": "120"})


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A store with a closed and an open gap."""
    monkeypatch.chdir(tmp_path)

    async def write() -> None:
        store = await EmbeddedStore.open(tmp_path / "data")
        still_open = structs.replace(GAP, start_ns=BASE_NS + 5, status=GapStatus.OPEN, closed_ns=None)
        await store.writer.write_gaps([GAP, still_open])
        await store.close()

    asyncio.run(write())


def test_gaps_tell_what_was_recovered() -> None:
    output = invoke("gaps").output
    (closed,) = [line.split() for line in output.splitlines() if " closed " in line]
    assert "1,204" in closed
    assert "1 still open" in output


def test_programs_get_one_document() -> None:
    assert json.loads(invoke("gaps", "--output", "json").output)["open"] == 1
