"""What the roles build, where a test can see it without a process."""

from __future__ import annotations

import contextlib
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from ha_ingestor.roles import run_all
from ha_ingestor.runner import Parts
from ha_ingestor_core.errors import TerminalError


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> contextlib.AbstractContextManager[None]:
    """The usual port of the Admin API is taken, by us or by whoever has it already."""
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
    assert line.startswith("HA Ingestor runs: open http://127.0.0.1:")
    assert ":8003/" not in line


async def test_a_port_that_is_named_is_not_replaced(
    taken: contextlib.AbstractContextManager[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_API_PORT", "8003")
    with taken:
        async with AsyncExitStack() as stack:
            with pytest.raises(TerminalError, match="8003"):
                await run_all(Parts(stack))
