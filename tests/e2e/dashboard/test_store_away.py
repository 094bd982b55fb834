"""While InfluxDB is unavailable there is one banner and the services answer; after that everything is restored."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import PATIENCE_MS, visiting
from tests.e2e.ingestor import Ingestor
from tests.influxdb import InfluxDb1, a_database, require_influxdb, variables

pytestmark = [pytest.mark.browser, pytest.mark.influxdb, pytest.mark.asyncio(loop_scope="package")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> InfluxDb1:
    """An InfluxDB that the test kills."""
    require_influxdb()
    return InfluxDb1(tmp_path_factory.mktemp("influxdb"))


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def demo(server: InfluxDb1, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """The demo home with this InfluxDB."""
    server.start()
    folder = tmp_path_factory.mktemp("demo")
    async with Ingestor(folder, **variables(a_database(server.url))) as ingestor:
        yield ingestor
    server.kill()


async def test_the_store_is_away_and_comes_back(window: Browser, server: InfluxDb1, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url) as visitor:
        await visitor.open("/")
        await expect(PAGES[0].main_thing(visitor.main)).to_be_visible(timeout=PATIENCE_MS)
        await visitor.page.evaluate("window.isTheSamePage = true")
        server.kill()
        await expect(visitor.situation).to_contain_text("The store does not answer", timeout=PATIENCE_MS)
        await expect(visitor.situation).to_have_count(1)
        await expect(visitor.main.get_by_role("button", name="Try now")).to_have_count(0)
        await expect(visitor.stream).not_to_have_text("Live")
        await expect(visitor.main.get_by_text("The memory of the services")).to_be_visible()
        async with visiting(window, demo.api.url) as late:
            for page in PAGES:
                if page.is_in_navigation:
                    await late.open(page.path)
                    await expect(late.situation).to_contain_text("The store does not answer", timeout=PATIENCE_MS)
                    await expect(late.situation).to_have_count(1)
        server.start()
        await expect(PAGES[0].main_thing(visitor.main)).to_be_visible(timeout=PATIENCE_MS)
        await expect(visitor.stream).to_have_text("Live", timeout=PATIENCE_MS)
        assert await visitor.page.evaluate("window.isTheSamePage")
