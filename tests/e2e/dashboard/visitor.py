"""A window of Chromium with the dashboard: opens its pages, and collects their errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

ROOT = Path(__file__).parents[3]
_AXE = ROOT / "services" / "health-dashboard" / "node_modules" / "axe-core" / "axe.min.js"

PHONE = ViewportSize(width=360, height=740)
TABLET = ViewportSize(width=820, height=1180)
DESKTOP = ViewportSize(width=1280, height=900)
WALL = ViewportSize(width=1920, height=1080)

Scheme = Literal["light", "dark"]
PATIENCE_MS = 20_000
"""Time limit for an element to appear on a busy machine."""


class Visitor:
    """One window on one dashboard."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    @property
    def main(self) -> Locator:
        """The page without header and navigation."""
        return self.page.locator("main")

    @property
    def situation(self) -> Locator:
        """The situation panel."""
        return self.page.get_by_test_id("situation")

    @property
    def stream(self) -> Locator:
        """The badge of the live stream."""
        return self.page.get_by_test_id("stream-badge")

    async def open(self, path: str = "/") -> None:
        """Load a page from its address, and return when its content is loaded."""
        await self.page.goto(self.url + path)
        await self.has_loaded()

    async def has_loaded(self) -> None:
        """Return when the page has a heading and nothing is loading."""
        await expect(self.page.get_by_role("heading", level=1).first).to_be_visible(timeout=PATIENCE_MS)
        loading = self.main.get_by_role("status").get_by_text("Loading")
        await expect(loading).to_have_count(0, timeout=PATIENCE_MS)

    async def hidden_width(self) -> int:
        """Return the width in pixels that needs horizontal scrolling."""
        width: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    async def violations(self) -> list[str]:
        """Return the serious and critical violations found by axe: each rule with its elements."""
        await self.page.evaluate(_axe())
        found: dict[str, Any] = await self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@asynccontextmanager
async def visiting(
    browser: Browser, url: str, viewport: ViewportSize = DESKTOP, scheme: Scheme = "light", **options: Any
) -> AsyncIterator[Visitor]:
    """A new window with its own cookies and storage."""
    context = await browser.new_context(
        viewport=viewport, color_scheme=scheme, has_touch=viewport is PHONE, locale="en-GB", **options
    )
    try:
        yield Visitor(await context.new_page(), url)
    finally:
        await context.close()


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")
