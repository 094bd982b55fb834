"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The path of Chromium; skips the test without it, and fails it in CI."""
    path = shutil.which("chromium")
    if path is None:
        reason = "Debian's chromium is missing: scripts/install-test-parts.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@asynccontextmanager
async def browser(path: str) -> AsyncIterator[Browser]:
    """A headless browser whose pages can only connect to their own server."""
    async with async_playwright() as playwright:
        # Chromium's sandbox is not available to root, as in a container.
        running = await playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0, args=list(_FLAGS)
        )
        try:
            yield running
        finally:
            await running.close()
