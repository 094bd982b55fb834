"""Open pages continue without a reload after the Admin API was killed and restarted."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import PATIENCE_MS, Visitor, visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def mortal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """A demo home that the test kills."""
    async with Ingestor(tmp_path_factory.mktemp("mortal")) as ingestor:
        yield ingestor


@pytest_asyncio.fixture(loop_scope="package")
async def visitors(window: Browser, mortal: Ingestor) -> AsyncIterator[list[Visitor]]:
    """Every page, each loaded in its own window."""
    async with AsyncExitStack() as stack:
        all_pages = [await stack.enter_async_context(visiting(window, mortal.api.url)) for _ in PAGES]
        for visitor, page in zip(all_pages, PAGES, strict=True):
            await visitor.open(page.path)
            await expect(page.main_thing(visitor.main)).to_be_visible()
            await visitor.page.evaluate("window.isTheSamePage = true")
        yield all_pages


async def test_open_pages_outlive_the_api(mortal: Ingestor, visitors: list[Visitor]) -> None:
    await mortal.process.end(signal.SIGKILL)
    for visitor, page in zip(visitors, PAGES, strict=True):
        await expect(visitor.situation).to_contain_text("The Admin API does not answer", timeout=PATIENCE_MS)
        await expect(visitor.situation).to_have_count(1)
        await expect(visitor.stream).to_have_text("Offline")
        await expect(visitor.main.get_by_role("button", name="Try now")).to_have_count(0)
        if page.path != "/":
            await expect(page.main_thing(visitor.main)).to_be_visible()
    old = visitors[0].main.locator(".is-stale")
    await expect(old.first).to_be_visible()
    await expect(visitors[0].main.get_by_text(re.compile(r"^as of \d")).first).to_be_visible()
    await mortal.start()
    for visitor, page in zip(visitors, PAGES, strict=True):
        await expect(visitor.stream).to_have_text("Live", timeout=PATIENCE_MS)
        outage = visitor.situation.get_by_text("The Admin API does not answer")
        await expect(outage).to_have_count(0, timeout=PATIENCE_MS)
        await expect(page.main_thing(visitor.main)).to_be_visible()
        await expect(visitor.main.locator(".is-stale")).to_have_count(0, timeout=PATIENCE_MS)
        assert await visitor.page.evaluate("window.isTheSamePage")
