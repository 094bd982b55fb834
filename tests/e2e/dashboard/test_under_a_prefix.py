"""Below the path prefix of a proxy: every page by address and navigation, without requests outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.deploy.test_nginx import needs_nginx
from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.prefix_proxy import under_prefix
from tests.e2e.dashboard.visitor import visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, needs_nginx, pytest.mark.asyncio(loop_scope="package")]

PREFIX = "/api/hassio_ingress/a-token"


async def test_every_page_works_under_a_path(window: Browser, demo: Ingestor, tmp_path: Path) -> None:
    async with under_prefix(demo.api.url, PREFIX, tmp_path) as url, visiting(window, url) as visitor:
        requested: list[str] = []
        visitor.page.on("request", lambda request: requested.append(request.url))
        await visitor.page.goto(await demo.sign_in_link(url))
        await visitor.has_loaded()
        for page in PAGES:
            await visitor.open(page.path)
            await expect(page.main_thing(visitor.main)).to_be_visible()
        for page in PAGES:
            if page.is_in_navigation:
                await visitor.page.get_by_role("navigation", name="Pages").get_by_role("link", name=page.name).click()
                await expect(page.main_thing(visitor.main)).to_be_visible()
                assert visitor.page.url.startswith(url + page.path)
        await visitor.page.reload()
        await expect(PAGES[-1].main_thing(visitor.main)).to_be_visible()
    assert [address for address in requested if not address.startswith(f"{url}/")] == []
    assert visitor.complaints == []
