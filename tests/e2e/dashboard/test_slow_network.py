"""At 400 kbit/s content is visible within three seconds, measured in bytes and so independent of the machine."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import PATIENCE_MS, visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

BYTES_A_SECOND = 400_000 // 8
LATENCY_MS = 40
ROUNDS = 5
"""Sequential round trips before the content: connection, page, script, page's script, data."""


async def test_something_useful_is_there_within_three_seconds(window: Browser, demo: Ingestor) -> None:
    async with visiting(window, demo.api.url) as visitor:
        network = await visitor.page.context.new_cdp_session(visitor.page)
        received = 0

        def count(message: dict[str, Any]) -> None:
            nonlocal received
            received += message["encodedDataLength"]

        network.on("Network.dataReceived", count)
        await network.send("Network.enable")
        speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND, "latency": LATENCY_MS}
        await network.send("Network.emulateNetworkConditions", {"offline": False, **speed})
        await visitor.page.goto(demo.api.url, wait_until="commit")
        await expect(PAGES[0].main_thing(visitor.main)).to_be_visible(timeout=PATIENCE_MS)
        took_s = received / BYTES_A_SECOND + ROUNDS * LATENCY_MS / 1000
    assert took_s < 3.0
