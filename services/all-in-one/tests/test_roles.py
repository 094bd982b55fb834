"""The parts of each role, without a separate process."""

from __future__ import annotations

import contextlib
import logging
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ha_ingestor.roles import run_all
from ha_ingestor.runner import Part, Parts
from ha_ingestor_core.errors import TerminalError
from ha_ingestor_core.logging.log_ring import SERVICES, LogRing


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> contextlib.AbstractContextManager[None]:
    """The usual port of the Admin API is in use, by this test or by another process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    stack = contextlib.ExitStack()
    with contextlib.suppress(OSError):
        stack.enter_context(socket.create_server(("127.0.0.1", 8003)))
    return contextlib.closing(stack)  # type: ignore[return-value]


async def test_a_second_demo_just_runs(taken: contextlib.AbstractContextManager[None]) -> None:
    with taken:
        async with AsyncExitStack() as stack:
            line = await run_all(Parts(stack))
    assert line.startswith("HA Ingestor is running: open http://127.0.0.1:")
    assert ":8003/" not in line


async def test_a_start_says_where_the_data_is(taken: contextlib.AbstractContextManager[None], tmp_path: Path) -> None:
    with taken:
        async with AsyncExitStack() as stack:
            lines = (await run_all(Parts(stack))).splitlines()
    assert lines[0].endswith("(demo home; to connect your own, run `ha-ingestor init`)")
    assert lines[1] == f"Data folder: {tmp_path / 'demo'}"


async def test_what_a_part_logs_through_a_library_belongs_to_its_service(
    taken: contextlib.AbstractContextManager[None],
) -> None:
    class LoggingParts(Parts):
        async def start(self, part: Part) -> None:
            logging.getLogger("a.library").warning(type(part).__name__)
            await super().start(part)

    ring = LogRing()
    logging.getLogger().addHandler(ring)
    try:
        with taken:
            async with AsyncExitStack() as stack:
                await run_all(LoggingParts(stack))
    finally:
        logging.getLogger().removeHandler(ring)
    lines = {each: [line.event for line in ring.lines(each) if line.message == ""] for each in SERVICES}
    assert lines == {
        "websocket-ingestion": ["WebsocketIngestion"],
        "enrichment-pipeline": ["EnrichmentPipeline"],
        "admin-api": ["AdminApi"],
    }


async def test_a_port_that_is_named_is_not_replaced(
    taken: contextlib.AbstractContextManager[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_API_PORT", "8003")
    with taken:
        async with AsyncExitStack() as stack:
            with pytest.raises(TerminalError, match="8003"):
                await run_all(Parts(stack))
