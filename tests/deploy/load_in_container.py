"""Sends two hundred requests per second on an open schedule, and records the result of each.

`python -m tests.deploy.load_in_container URL TOKEN FOLDER`: SIGTERM ends it, and writes `load.json` to FOLDER.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import aiohttp

REQUESTS_PER_S = 200
RESULT = "load.json"
PATHS = (
    "/api/v1/stats?period=1h",
    "/api/v1/health",
    "/",
    "/api/v1/stats?period=5m",
    "/api/v1/health/live",
    "/api/v1/version",
)
SELDOM = (
    ("PUT", "/api/v1/config/stats-source", {"stats_compare": False}),  # a proxy must not repeat it after it was sent
    ("GET", "/api/v1/events?limit=10", None),
    ("GET", "/api/v1/entities?limit=20", None),
)
SELDOM_EVERY = 50
"""Requests that load the store or make a change: one of so many."""
_LIMIT_S = 30.0


class Load:
    """The numbers of requests and failures."""

    def __init__(self, url: str, token: str) -> None:
        self.failures: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.slowest_s = 0.0
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def run(self, ending: asyncio.Event) -> None:
        """Send requests until the end."""
        timeout = aiohttp.ClientTimeout(_LIMIT_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout, connector=connector) as http:
            begin = time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                for number in itertools.count():
                    if ending.is_set():
                        return
                    tasks.create_task(self._ask(http, number))
                    await asyncio.sleep(max(0.0, begin + (number + 1) / REQUESTS_PER_S - time.monotonic()))

    async def _ask(self, http: aiohttp.ClientSession, number: int) -> None:
        begin = time.monotonic()
        is_seldom, turn = number % SELDOM_EVERY == 0, number // SELDOM_EVERY
        method, path, body = SELDOM[turn % len(SELDOM)] if is_seldom else ("GET", PATHS[number % len(PATHS)], None)
        try:
            async with http.request(method, self._url + path, json=body) as response:
                text = await response.text()
                self.statuses[response.status] += 1
                if response.status >= 400:
                    self.failures.append(f"{time.time():.2f} {method} {path}: {response.status} {text[:200]}")
        except (aiohttp.ClientError, TimeoutError) as err:
            self.failures.append(f"{time.time():.2f} {method} {path}: {err!r} after {time.monotonic() - begin:.2f} s")
        self.slowest_s = max(self.slowest_s, time.monotonic() - begin)


async def main(url: str, token: str, folder: Path) -> None:
    """Run until SIGTERM."""
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    load = Load(url, token)
    await load.run(ending)
    result = {"statuses": load.statuses, "failures": load.failures, "slowest_s": round(load.slowest_s, 3)}
    (folder / RESULT).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
