"""One browser, one demo home and one home with problems for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from ha_ingestor.demo_home import DemoHome
from playwright.async_api import Browser

from tests.e2e.browser import browser, chromium
from tests.e2e.ingestor import Ingestor
from tests.odd_names import ODD_ROOMS

_ALERT_RULE = """
rules:
  - name: disk_nearly_full
    watch: disk_used_percent
    level: warning
    above: 0
    clear: 0
    message: "The disk of DATA_DIR is {value} % full"
"""


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def window() -> AsyncIterator[Browser]:
    """Chromium; each test opens its own windows."""
    async with browser(chromium()) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """The demo home as in `make run`, with the history of its last two hours in the store."""
    folder = tmp_path_factory.mktemp("demo")
    async with Ingestor(folder, HISTORY_AT_FIRST_START="1d", GAP_FILLING_SETTLE_S="0") as ingestor:
        await _has_history(ingestor)
        yield ingestor


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def odd_home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ingestor]:
    """A home with unusual area names, an alert, a gap and a rejected event."""
    folder = tmp_path_factory.mktemp("odd")
    rules = _an_alert_rule(folder)
    home = DemoHome(seed=1, history_hours=0.2, rooms=ODD_ROOMS)
    await home.start()
    settings = {"HISTORY_AT_FIRST_START": "1d", "GAP_FILLING_SETTLE_S": "0", "ALERT_RULES": str(rules)}
    async with Ingestor(folder, url=home.url, token=home.token, **settings) as ingestor:
        await _has_history(ingestor)
        home.server.send_event('{"no": "event type"}')
        api = ingestor.api

        async def rejected() -> Any:
            await api.total()  # an event is written with others, unless the store is queried
            return await api.get("/api/v1/rejected")

        await api.eventually(rejected, lambda answer: answer["events"])
        await api.eventually(lambda: api.get("/api/v1/alerts"), lambda answer: answer["alerts"])
        yield ingestor
    await home.stop()


def _an_alert_rule(folder: Path) -> Path:
    rules = folder / "rules.yaml"
    rules.write_text(_ALERT_RULE, encoding="utf-8")
    return rules


async def _has_history(ingestor: Ingestor) -> None:
    api = ingestor.api
    await api.eventually(lambda: api.get("/api/v1/gaps"), lambda answer: answer["gaps"] and not answer["open"])
