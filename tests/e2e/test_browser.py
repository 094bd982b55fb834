"""The dashboard in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.browser import browser, chromium
from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant


@pytest.mark.browser
@pytest.mark.home_assistant
async def test_a_fresh_event_appears_on_the_page(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    path = chromium()
    async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor, browser(path) as b:
        page = await b.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(ingestor.api.url)
        await expect(page.get_by_text("Healthy").first).to_be_visible()
        await expect(page.get_by_text("Frischer Zustand 1701")).to_have_count(0)
        await home_assistant.set_state("sensor.fresh", "1701", {"friendly_name": "Frischer Zustand 1701"})
        await expect(page.get_by_text("Frischer Zustand 1701").first).to_be_visible(timeout=5000)
        assert complaints == []
