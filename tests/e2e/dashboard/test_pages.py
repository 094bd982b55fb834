"""Every page on phone and desktop, dark and light: its main element is visible, it fits, and it is accessible."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.dashboard.pages import PAGES, DashboardPage
from tests.e2e.dashboard.visitor import DESKTOP, PHONE, TABLET, WALL, Scheme, visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

VIEWPORTS = [
    pytest.param(PHONE, id="phone"),
    pytest.param(DESKTOP, id="desktop"),
    pytest.param(TABLET, id="tablet", marks=pytest.mark.full),
    pytest.param(WALL, id="wall", marks=pytest.mark.full),
]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_page_shows_its_main_thing(
    window: Browser, demo: Ingestor, page: DashboardPage, viewport: ViewportSize, scheme: Scheme
) -> None:
    async with visiting(window, demo.api.url, viewport, scheme) as visitor:
        await visitor.open(page.path)
        await expect(page.main_thing(visitor.main)).to_be_visible()
        assert await visitor.hidden_width() == 0
        assert await visitor.violations() == []
        assert visitor.complaints == []
