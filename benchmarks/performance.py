"""Reports the figures of the plan: query times, concurrent queries, share of the store, load times before and after.

    .venv/bin/python -m benchmarks.performance [--write] [--store influxdb-1] [--loads 10] [--before COMMIT]

It starts an InfluxDB, fills it with reports and events of a day, and queries it with the Admin API's client. Then it
checks out and builds an earlier version (COMMIT) in a temporary worktree, and opens the dashboards of both in Chromium
in turns, each with its demo home and a separate database. --write writes docs/reference/performance.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from admin_api.influxdb_client import AdminAPIInfluxDBClient
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.settings import StoreSettings

from benchmarks.page_load import Load, loads_of
from benchmarks.performance_report import Query, Report, markdown
from benchmarks.servers import OWN_SERVERS, ROOT, fresh_bucket, own_server
from tests.day_of_reports import slowdown, write_day
from tests.influxdb import variables
from tests.ports import free_port

PAGE = ROOT / "docs" / "reference" / "performance.md"
BEFORE = "c0c97d0"
"""The product before the plan's dashboard: kept answers, pages, compressed files came after it."""
PERIODS = ("1h", "6h", "24h")
TIMES, AT_ONCE = 40, 10
ENDPOINTS = ("", "/services", "/performance", "/alerts", "/trends", "/heartbeats")
_READY_LIMIT_S = 120.0


async def measured_queries(client: AdminAPIInfluxDBClient) -> list[Query]:
    """Measure each query of the plan for each of its periods."""
    asked: dict[str, Callable[[str], Awaitable[object]]] = {
        "event statistics": client.get_event_statistics,
        "error rate": client.get_error_rate,
        "all services": client.get_all_service_statistics,
        "trend": client.get_event_trends,
    }
    return [await _timed(name, ask, period) for name, ask in asked.items() for period in PERIODS]


async def at_once_ms(client: AdminAPIInfluxDBClient) -> float:
    """Return the duration of ten concurrent queries, until the last answer."""
    begin, busy = time.perf_counter(), slowdown()
    begin = time.perf_counter()
    await asyncio.gather(*(client.get_event_statistics("1h") for _ in range(AT_ONCE)))
    return (time.perf_counter() - begin) * 1e3 / busy


async def _timed(name: str, ask: Callable[[str], Awaitable[object]], period: str) -> Query:
    times_ms: list[float] = []
    slowdowns: list[float] = []
    await ask(period)
    for _ in range(TIMES):
        slowdowns.append(slowdown())
        begin = time.perf_counter()
        await ask(period)
        times_ms.append((time.perf_counter() - begin) * 1e3)
    return Query(name, period, median(times_ms) / median(slowdowns), quantiles(times_ms, n=20)[-1] / median(slowdowns))


@contextmanager
def running(tree: Path, store: dict[str, str], folder: Path) -> Iterator[str]:
    """Run a release with its demo home; yields its address once events are captured."""
    port = free_port()
    environment = os.environ | store | {"DATA_DIR": str(folder), "ADMIN_API_PORT": str(port), "LOG_LEVEL": "ERROR"}
    command = [str(tree / ".venv" / "bin" / "ha-ingestor"), "run", "all"]
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)  # where no .env is
    try:
        url = f"http://127.0.0.1:{port}"
        _until_captured(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _until_captured(url: str) -> None:
    deadline = time.monotonic() + _READY_LIMIT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/api/v1/stats", timeout=10) as response:
                if (json.load(response)["metrics"]["total_events"] or 0) > 100:
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"{url} has captured nothing within {_READY_LIMIT_S:g} s")


def sources_of(url: str) -> list[str]:
    """Request each statistic for each period, and return the sources of the answers."""
    asked = [f"{path}?period={period}" for path in ENDPOINTS for period in PERIODS]
    return [_source_of(f"{url}/api/v1/stats{question}") for question in (*asked, "/metrics")]


def _source_of(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        return str(response.headers["Stats-Source"])


@contextmanager
def checked_out(commit: str) -> Iterator[Path | None]:
    """Yield a built worktree of a commit, None if the repository does not contain it."""
    if subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, check=False).returncode:
        yield None
        return
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=ROOT, check=True)
        try:
            subprocess.run(["make", "--silent", "setup", "build"], cwd=tree, check=True, stdout=sys.stderr)
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def measured_loads(before: Path | None, address: tuple[str, str], loads: int) -> tuple[list[list[Load]], list[str]]:
    """Load the dashboards of both versions in turns; return also the sources of statistics of this release."""
    with ExitStack() as stack:
        urls = []
        for tree in filter(None, (before, ROOT)):
            store = variables(stack.enter_context(fresh_bucket(*address)))
            folder = Path(stack.enter_context(TemporaryDirectory()))
            urls.append(stack.enter_context(running(tree, store, folder)))
        return loads_of(urls, loads), sources_of(urls[-1])


async def _queried(settings: InfluxSettings) -> tuple[list[Query], float]:
    await write_day(settings)
    client = AdminAPIInfluxDBClient(StoreSettings.model_validate(variables(settings)))
    assert await client.connect()
    try:
        return await measured_queries(client), await at_once_ms(client)
    finally:
        await client.close()


def measure(store: str, before: str, loads: int) -> Report:
    """Run all measurements."""
    with own_server(store) as server, checked_out(before) as tree:
        with fresh_bucket(*server.address) as settings:
            queries, at_once = asyncio.run(_queried(settings))
        loaded, sources = measured_loads(tree, server.address, loads)
    share = 100 * sources.count("influxdb") / len(sources)
    return Report(store, queries, at_once, share, len(sources), loaded[0] if tree else None, loaded[-1])


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {model}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=sorted(OWN_SERVERS), default="influxdb-1")
    parser.add_argument("--before", default=BEFORE, help="the commit to compare with")
    parser.add_argument("--loads", type=int, default=10, help="number of loads of each dashboard")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    report = measure(options.store, options.before, options.loads)
    text = markdown(report, machine=_machine(), before=options.before, now=datetime.now(UTC))
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
