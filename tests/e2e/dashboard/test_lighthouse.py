"""Lighthouse scores of every page: accessibility and best practices are checked, performance is printed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.browser import chromium
from tests.e2e.dashboard.pages import PAGES
from tests.e2e.dashboard.visitor import ROOT
from tests.e2e.ingestor import Ingestor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

FOLDER = ROOT / "tests" / "lighthouse"
LEAST = 95
AT_ONCE = 3  # it mostly waits


async def report(paths: list[str], url: str) -> list[dict[str, Any]]:
    """Return the scores by path."""
    _require_lighthouse(FOLDER)
    addresses = [url + path for path in paths]
    process = await asyncio.create_subprocess_exec(
        "node", "check.mjs", chromium(), *addresses, cwd=FOLDER, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


async def test_every_page_scores_well(demo: Ingestor, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [page.path for page in PAGES]
    parts = await asyncio.gather(*(report(paths[n::AT_ONCE], demo.api.url) for n in range(AT_ONCE)))
    reports = sorted((each for part in parts for each in part), key=lambda each: paths.index(each["path"]))
    with capsys.disabled():
        sys.stdout.writelines(f"\n  Lighthouse {each['path']}: {each['scores']}" for each in reports)
    assert len(reports) == len(PAGES)
    poor = [each for each in reports if min(each["scores"][of] for of in ("accessibility", "best-practices")) < LEAST]
    assert poor == []


def _require_lighthouse(folder: Path) -> None:
    if (folder / "node_modules").is_dir():
        return
    reason = "tests/lighthouse/node_modules is missing: make test-parts installs it"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
