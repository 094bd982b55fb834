"""Everything that a pointer can reach can be reached by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import PATIENCE_MS, PHONE, Visitor, visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

_MOST_TABS = 120


async def tab_to(visitor: Visitor, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until an element has the focus."""
    for _ in range(_MOST_TABS):
        if await wanted.evaluate("element => element === document.activeElement"):
            return
        await visitor.page.keyboard.press(key)
    raise AssertionError(f"{wanted} is not reached by {_MOST_TABS} presses of Tab")


async def test_the_navigation_leads_to_every_page(window: Browser, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url) as visitor:
        await visitor.open("/")
        navigation = visitor.page.get_by_role("navigation", name="Pages")
        for page in PAGES:
            if page.is_in_navigation and page.path != "/":
                await tab_to(visitor, navigation.get_by_role("link", name=page.name), "Shift+Tab")
                await visitor.page.keyboard.press("Enter")
                await expect(page.main_thing(visitor.main)).to_be_visible(timeout=PATIENCE_MS)
                await expect(visitor.main).to_be_focused()


async def test_the_content_is_one_step_away(window: Browser, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url) as visitor:
        await visitor.open("/events")
        await visitor.page.keyboard.press("Tab")
        skip = visitor.page.get_by_role("button", name="Skip to content")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport()
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.main).to_be_focused()


async def test_a_phone_with_a_keyboard_reaches_the_pages_behind_more(window: Browser, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url, PHONE) as visitor:
        await visitor.open("/")
        await tab_to(visitor, visitor.page.get_by_role("button", name="More"))
        await visitor.page.keyboard.press("Enter")
        await tab_to(visitor, visitor.page.get_by_role("link", name="Settings"))
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.main.get_by_role("heading", name="Settings", level=1)).to_be_visible()


@pytest.mark.parametrize("key", ["/", "Control+k"])
async def test_the_palette_finds_entities_and_pages(window: Browser, demo: Ingestor, key: str) -> None:
    async with visiting(window, demo.api.url) as visitor:
        await visitor.open("/")
        await visitor.page.keyboard.press(key)
        palette = visitor.page.get_by_role("dialog")
        await expect(palette.get_by_role("combobox")).to_be_focused()
        await visitor.page.keyboard.type("outdoor temp")
        await expect(
            palette.get_by_role("option", selected=True, name=re.compile("Outdoor temperature"))
        ).to_be_visible()
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.main.get_by_role("heading", name="Outdoor temperature", level=1)).to_be_visible()
        await visitor.page.keyboard.press(key)
        await visitor.page.keyboard.type("data flow")
        await expect(palette.get_by_role("option", selected=True, name=re.compile("Data flow"))).to_be_visible()
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.page).to_have_url(re.compile("/flow"))
        await visitor.page.keyboard.press(key)
        await visitor.page.keyboard.press("Escape")
        await expect(palette).to_have_count(0)


async def test_the_parts_of_the_graph_open_their_details(window: Browser, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url) as visitor:
        await visitor.open("/flow")
        parts = visitor.main.locator("[data-part]")
        await expect(parts.first).to_be_visible()
        await tab_to(visitor, parts.first)
        await visitor.page.keyboard.press("ArrowRight")
        name = await visitor.page.evaluate("document.activeElement.dataset.part")
        assert name is not None
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.main.get_by_text("Uptime").first).to_be_visible()
        assert await visitor.violations() == []


async def test_an_alert_is_acknowledged(window: Browser, odd_home: Ingestor) -> None:
    async with visiting(window, odd_home.api.url) as visitor:
        await visitor.page.goto(await odd_home.sign_in_link())
        await visitor.has_loaded()
        await visitor.open("/alerts")
        await tab_to(visitor, visitor.main.get_by_role("button", name="Acknowledge").first)
        await visitor.page.keyboard.press("Enter")
        await expect(visitor.main.get_by_text("Acknowledged").first).to_be_visible()
    (alert,) = (await odd_home.api.get("/api/v1/alerts"))["alerts"]
    assert alert["acknowledged"]
