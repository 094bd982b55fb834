"""Make the pictures of the README: run the demo home for a while, open the dashboard in Chromium, light and dark.

.venv/bin/python scripts/screenshots.py [seconds]
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main(seconds: float) -> None:
    chromium = shutil.which("chromium") or sys.exit("Debian's chromium is needed: scripts/install-test-parts.sh")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        ingestor = subprocess.Popen(
            [Path(sys.executable).parent / "ha-ingestor", "run", "all"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "ADMIN_API_PORT": str(port), "LOG_LEVEL": "WARNING"},
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api/v1/health/ready")
            time.sleep(seconds)
            take_pictures(chromium, f"http://127.0.0.1:{port}/")
        finally:
            ingestor.terminate()
            ingestor.wait()


def wait_for(url: str) -> None:
    """Return when the address answers."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def take_pictures(chromium: str, url: str) -> None:
    """One picture for each colour scheme."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0, args=_FLAGS)
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme=scheme)
            page.goto(url)
            page.get_by_text("Healthy").first.wait_for()
            page.wait_for_timeout(4000)  # the live events of a few seconds
            page.screenshot(path=IMAGES / f"dashboard-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 150)
