"""The programs that the end-to-end tests talk to."""

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
    """Every Home Assistant that the tests run against; the newest one in `make test-full` alone."""
    found: Release = request.param
    return found


@pytest.fixture
async def home_assistant(release: Release) -> AsyncIterator[RealHomeAssistant]:
    """A real Home Assistant that runs, for one test."""
    async with running_home_assistant(release) as running:
        yield running


@pytest.fixture(scope="module")
def shared_home_assistant(release: Release) -> Iterator[RealHomeAssistant]:
    """A real Home Assistant that runs, for the tests of a module: each of them uses entities of its own."""
    with asyncio.Runner() as runner:
        context = running_home_assistant(release)
        running = runner.run(context.__aenter__())
        try:
            yield running
        finally:
            runner.run(context.__aexit__(None, None, None))
