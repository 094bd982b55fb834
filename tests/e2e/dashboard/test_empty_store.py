"""After the first start, without any event, every page shows an empty state and no error."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import pytest
import pytest_asyncio
from ha_ingestor.demo_home import House, SimulatedHomeAssistant
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES, DashboardPage
from tests.e2e.dashboard.visitor import PHONE, visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """An ingestor of a home without entities and events."""
    house = SimulatedHomeAssistant(House(rng=Random(1)), "a-token")
    await house.start()
    async with Ingestor(tmp_path_factory.mktemp("empty"), url=house.url, token=house.token) as ingestor:
        yield ingestor
    await house.stop()


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_in_navigation], ids=lambda page: page.name)
async def test_a_page_of_an_empty_store(window: Browser, empty: Ingestor, page: DashboardPage) -> None:
    async with visiting(window, empty.api.url, PHONE) as visitor:
        await visitor.open(page.path)
        if page.path == "/":
            await expect(visitor.main.get_by_text("Connected; no event is stored yet")).to_be_visible()
        else:
            await expect(page.main_thing(visitor.main)).to_be_visible()
        assert await visitor.hidden_width() == 0
        assert await visitor.violations() == []
        assert visitor.complaints == []


async def test_an_entity_that_is_not_known(window: Browser, empty: Ingestor) -> None:
    async with visiting(window, empty.api.url) as visitor:
        await visitor.open("/entities/sensor.nobody")
        await expect(visitor.main.get_by_text("sensor.nobody").first).to_be_visible()
        assert await visitor.hidden_width() == 0
