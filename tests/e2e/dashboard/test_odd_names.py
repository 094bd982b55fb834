"""Names in other scripts, right to left, with emoji and markup are shown as text and break no page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES, DashboardPage
from tests.e2e.dashboard.visitor import PHONE, visiting
from tests.e2e.ingestor import Ingestor
from tests.odd_names import HOSTILE_NAME, ODD_ROOMS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_odd_names_break_no_page(window: Browser, odd_home: Ingestor, page: DashboardPage) -> None:
    async with visiting(window, odd_home.api.url, PHONE) as visitor:
        await visitor.open(page.path)
        assert await visitor.page.evaluate("window.hacked") is None
        assert await visitor.hidden_width() == 0
        assert await visitor.violations() == []
        assert visitor.complaints == []


@pytest.mark.parametrize("area_id", ODD_ROOMS)
async def test_an_odd_name_is_shown_as_it_is(window: Browser, odd_home: Ingestor, area_id: str) -> None:
    async with visiting(window, odd_home.api.url, PHONE) as visitor:
        await visitor.open(f"/entities/sensor.{area_id}_temperature")
        name = f"{ODD_ROOMS[area_id]} temperature"
        await expect(visitor.main.get_by_role("heading", name=name, exact=True, level=1)).to_be_visible()
        assert await visitor.hidden_width() == 0


async def test_a_hostile_name_runs_nothing(window: Browser, odd_home: Ingestor) -> None:
    async with visiting(window, odd_home.api.url) as visitor:
        await visitor.open("/entities")
        await expect(visitor.main.get_by_role("link", name=f"{HOSTILE_NAME} temperature")).to_be_visible()
        assert await visitor.page.evaluate("window.hacked") is None
