"""Fixtures of the programs used by the end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.e2e.real_home_assistant import (
    RealHomeAssistant,
    Release,
    Release2024,
    Release2026,
    running_home_assistant,
)

RELEASES = [
    pytest.param(Release2024(), id="2024.3"),
    pytest.param(Release2026(), id="2026.11", marks=pytest.mark.full),
]


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> Release:
    """Each supported release of Home Assistant; the newest one in `make test-full` only."""
    found: Release = request.param
    return found


@pytest.fixture
async def home_assistant(release: Release) -> AsyncIterator[RealHomeAssistant]:
    """A running Home Assistant for one test."""
    async with running_home_assistant(release) as running:
        yield running


@pytest.fixture(scope="module")
def shared_home_assistant(release: Release) -> Iterator[RealHomeAssistant]:
    """A running Home Assistant shared by the tests of a module, each of which uses its own entities."""
    with asyncio.Runner() as runner:
        context = running_home_assistant(release)
        running = runner.run(context.__aenter__())
        try:
            yield running
        finally:
            runner.run(context.__aexit__(None, None, None))
