"""With `prefers-reduced-motion` nothing moves."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.e2e.dashboard.pages import PAGES, DashboardPage
from tests.e2e.dashboard.visitor import visiting
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

_MOVING = """
document.getAnimations().filter((each) => each.playState === "running"
  && each.effect.getComputedTiming().activeDuration > 50).map((each) => each.animationName ?? each.transitionProperty)
"""
_MOVING_PICTURES = "document.querySelectorAll('animate, animateMotion, animateTransform').length"


async def moving(window: Browser, demo: Ingestor, page: DashboardPage, motion: str) -> int:
    """Return the number of moving elements of a page."""
    async with visiting(window, demo.api.url, reduced_motion=motion) as visitor:
        await visitor.open(page.path)
        return len(await visitor.page.evaluate(_MOVING)) + int(await visitor.page.evaluate(_MOVING_PICTURES))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_nothing_moves(window: Browser, demo: Ingestor, page: DashboardPage) -> None:
    assert await moving(window, demo, page, "reduce") == 0


async def test_the_flow_moves_for_all_others(window: Browser, demo: Ingestor) -> None:
    flow = next(page for page in PAGES if page.path == "/flow")
    assert await moving(window, demo, flow, "no-preference") > 0
