"""Every page with a real Home Assistant, and a state change that appears on them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import PATIENCE_MS, visiting
from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant, Release2024, running_home_assistant

pytestmark = [pytest.mark.browser, pytest.mark.home_assistant, pytest.mark.asyncio(loop_scope="package")]

SENSOR = "sensor.greenhouse"
NAME = "Greenhouse temperature"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def home() -> AsyncIterator[RealHomeAssistant]:
    """Home Assistant 2024.3 with its demo devices."""
    async with running_home_assistant(Release2024()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def ingestor(home: RealHomeAssistant, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """An ingestor of that home."""
    async with Ingestor(tmp_path_factory.mktemp("real"), url=home.url, token=home.token) as running:
        yield running


async def set_temperature(home: RealHomeAssistant, degrees: str) -> None:
    attributes = {"friendly_name": NAME, "unit_of_measurement": "°C", "device_class": "temperature"}
    await home.set_state(SENSOR, degrees, attributes)


async def test_a_change_appears_on_open_pages(window: Browser, home: RealHomeAssistant, ingestor: Ingestor) -> None:
    await set_temperature(home, "18.5")
    async with visiting(window, ingestor.api.url) as overview, visiting(window, ingestor.api.url) as events:
        await overview.open("/")
        await events.open("/events")
        await set_temperature(home, "1701.5")
        for visitor in (overview, events):
            await expect(visitor.main.get_by_text("1701.5").first).to_be_visible(timeout=PATIENCE_MS)
        await events.main.get_by_role("link", name=NAME).first.click()
        await expect(events.page).to_have_url(f"{ingestor.api.url}/entities/{SENSOR}")
        await expect(events.main.get_by_role("heading", name=NAME, level=1)).to_be_visible()
        await expect(events.main.get_by_text("1701.5").first).to_be_visible()
        assert overview.complaints + events.complaints == []


async def test_every_page_shows_its_main_thing(window: Browser, home: RealHomeAssistant, ingestor: Ingestor) -> None:
    await set_temperature(home, "20.0")
    async with visiting(window, ingestor.api.url) as visitor:
        for page in PAGES:
            if page.is_in_navigation:
                await visitor.open(page.path)
                await expect(page.main_thing(visitor.main)).to_be_visible()
        assert visitor.complaints == []
