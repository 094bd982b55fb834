"""Measures the load time of the dashboard in Chromium with an empty cache."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
_NETWORK = {"offline": False, "latency": 40, "downloadThroughput": 1.25e6, "uploadThroughput": 1.25e6}
_READY = """
  const isShown = () => {
    const name = [...document.querySelectorAll("dt")].find((dt) => dt.textContent.startsWith("Events, last"));
    return /\\d/.test(name?.nextElementSibling?.textContent ?? "") && document.querySelector("canvas");
  };
  window.__ready = new Promise((resolve) => {
    const look = () => (isShown() ? resolve(performance.now()) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  });
"""
_FIGURES = """async () => {
  const ready = await window.__ready;
  const paint = await new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      list.getEntriesByName("first-contentful-paint").forEach(resolve);
    });
    observer.observe({ type: "paint", buffered: true });
  });
  const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const sent = files.reduce((sum, file) => sum + file.transferSize, 0);
  return [paint.startTime, ready, sent / 1000, files.length];
}"""


class Load(Struct, frozen=True):
    """One load of the overview; ready when numbers and chart are shown."""

    first_paint_ms: float
    ready_ms: float
    kilobytes: float
    requests: float


def loads_of(urls: Sequence[str], times: int) -> list[list[Load]]:
    """Load each page repeatedly in turns, since the load of the machine varies."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        rounds = [[_load(browser, url) for url in urls] for _ in range(times + 1)][1:]  # the first warms up
        browser.close()
    return [list(each) for each in zip(*rounds, strict=True)]


def _load(browser: Browser, url: str) -> Load:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(_READY)
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", _NETWORK)
    page.goto(url, wait_until="commit")
    figures = page.evaluate(_FIGURES)
    context.close()
    return Load(*figures)
