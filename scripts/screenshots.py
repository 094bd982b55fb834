"""Take the pictures of docs/images: every page of the dashboard with the demo home, phone and desktop, dark and light.

.venv/bin/python scripts/screenshots.py [seconds that the demo home runs before]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from base64 import b64decode
from pathlib import Path

from playwright.async_api import Browser, ViewportSize

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.browser import browser, chromium
from tests.e2e.dashboard.pages import PAGES, DashboardPage
from tests.e2e.dashboard.visitor import PHONE, ROOT, Scheme, Visitor, visiting
from tests.e2e.ingestor import Ingestor

IMAGES = ROOT / "docs" / "images"
VIEWPORTS = {"desktop": ViewportSize(width=1280, height=860), "phone": PHONE}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
QUALITY = 80  # of WebP: a third of a PNG, and text stays sharp
SETTLED_S = 3.0  # some live events, and the end of transitions


async def main(seconds: float) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with Ingestor(Path(folder), HISTORY_AT_FIRST_START="1d", LOG_LEVEL="WARNING") as ingestor:
            await asyncio.sleep(seconds)
            async with browser(chromium()) as running:
                for name, viewport in VIEWPORTS.items():
                    for scheme in SCHEMES:
                        await take_pictures(running, ingestor, name, viewport, scheme)


async def take_pictures(
    running: Browser, ingestor: Ingestor, name: str, viewport: ViewportSize, scheme: Scheme
) -> None:
    """One picture of each page, signed in."""
    async with visiting(running, ingestor.api.url, viewport, scheme) as visitor:
        await visitor.page.goto(await ingestor.sign_in_link())
        await visitor.has_loaded()
        for page in PAGES:
            await visitor.open(page.path)
            await page.main_thing(visitor.main).wait_for()
            await asyncio.sleep(SETTLED_S)
            (IMAGES / f"{file_name(page)}-{name}-{scheme}.webp").write_bytes(await picture(visitor))


async def picture(visitor: Visitor) -> bytes:
    """What the window shows."""
    session = await visitor.page.context.new_cdp_session(visitor.page)
    taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return b64decode(taken["data"])


def file_name(page: DashboardPage) -> str:
    return page.name.lower().replace(" ", "-")


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 150))
