"""The programs that the end-to-end tests talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.e2e.real_home_assistant import RealHomeAssistant, require_home_assistant


@pytest.fixture
async def home_assistant(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealHomeAssistant]:
    """A real Home Assistant that runs."""
    require_home_assistant()
    running = RealHomeAssistant(tmp_path_factory.mktemp("home-assistant"))
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
