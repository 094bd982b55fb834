"""Measures bytes written, processor time and memory of `ha-ingestor run all` at the event rate of a home.

    .venv/bin/python -m benchmarks.home                           # ten minutes at 20 events per second
    .venv/bin/python -m benchmarks.home --seconds 60 --watch      # with the delay until an open page shows an event
    .venv/bin/python -m benchmarks.home --seconds 60 --page       # with the cost of the overview page in Chromium

The load generator sends single frames of 1.2 kB over a real socket; the store is the embedded one.
The first seconds (start, schema, first events of the entities) are not measured. `write_bytes` of /proc/<pid>/io counts
all pages that the process made dirty, including rounding to 4 KiB by the file system; `wchar` counts the bytes of all
write calls, including sockets. STORE_WRITE_INTERVAL_S=0 and SPOOL_SYNC_INTERVAL_S=0 write each event immediately.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from benchmarks.generator import generate
from benchmarks.ingest import acknowledged
from benchmarks.processes import children_of, cpu_seconds, memory_mib, own_cpu_seconds
from benchmarks.servers import ROOT
from tests.ports import free_port

WARM_UP_S = 15.0


def written(pid: int) -> dict[str, int]:
    """Return `write_bytes` and `wchar` of a process and its children."""
    sums = {"write_bytes": 0, "wchar": 0}
    for each in children_of(pid):
        for line in Path(f"/proc/{each}/io").read_text().splitlines():
            name, _, value = line.partition(": ")
            if name in sums:
                sums[name] += int(value)
    return sums


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="duration of the measurement")
    parser.add_argument("--rate", type=float, default=20.0, help="events per second")
    parser.add_argument("--entities", type=int, default=200)
    parser.add_argument("--watch", action="store_true", help="keep the event stream of a page open")
    parser.add_argument("--page", action="store_true", help="keep the overview page open in Chromium, and measure it")
    parser.add_argument("--keep", type=Path, help="use this folder as DATA_DIR and keep it")
    options = parser.parse_args()
    options.coalesce = 1
    options.events = round((options.seconds + WARM_UP_S + 10) * options.rate)
    api_port, ha_port = free_port(), free_port()
    began: Synchronized[float] = multiprocessing.Value("d", 0.0)
    ready = multiprocessing.Event()
    generator = multiprocessing.Process(target=generate, args=(ha_port, options, began, ready), daemon=True)
    generator.start()
    ready.wait()
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        environment = os.environ | {
            "HA_URL": f"http://127.0.0.1:{ha_port}",
            "HA_TOKEN": "benchmark",
            "DATA_DIR": str(options.keep or folder),
            "INFLUXDB_URL": "",
            "ADMIN_API_PORT": str(api_port),
            "LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen([Path(sys.executable).parent / "ha-ingestor", "run", "all"], env=environment)
        try:
            with overview(f"http://127.0.0.1:{api_port}/") if options.page else nullcontext():
                measure(process.pid, f"http://127.0.0.1:{api_port}", options, began)
        finally:
            process.terminate()
            process.wait()
            generator.terminate()


def measure(pid: int, api: str, options: argparse.Namespace, began: Synchronized[float]) -> None:
    """Wait for the end of the start phase, then measure for a time and print the result."""
    while not began.value:
        time.sleep(0.1)
    ages: list[float] = []
    if options.watch:
        threading.Thread(target=watch, args=(api, began.value, options.rate, ages), daemon=True).start()
    time.sleep(WARM_UP_S)
    events, bytes_before, cpu, begin = acknowledged(api), written(pid), cpu_seconds(pid), time.monotonic()
    page_cpu = browser_seconds()
    ages.clear()
    time.sleep(options.seconds)
    took = time.monotonic() - begin
    cpu, bytes_after = cpu_seconds(pid) - cpu, written(pid)
    events = acknowledged(api) - events
    change = {name: bytes_after[name] - bytes_before[name] for name in bytes_after}
    written_bytes, asked_bytes = change["write_bytes"], change["wchar"]
    print(
        f"{events:,} events in {took:.0f} s ({events / took:.1f}/s): {written_bytes / events:,.0f} B written an event "
        f"({asked_bytes / events:,.0f} B asked for), {written_bytes / took * 86400 / 1e9:.1f} GB a day\n"
        f"{cpu / took * 100:.2f} % of a core, {memory_mib(pid):.0f} MiB at most"
    )
    if options.page:
        print(f"the open overview: {(browser_seconds() - page_cpu) / took * 100:.2f} % of a core in Chromium")
    if ages:
        cut = statistics.quantiles(ages, n=100)
        print(f"from Home Assistant to the page: p50 {cut[49]:.2f} s, p99 {cut[98]:.2f} s, max {max(ages):.2f} s")


@contextmanager
def overview(url: str) -> Iterator[None]:
    """Keep the overview page open and visible; without a GPU the processor renders it."""
    with sync_playwright() as playwright:
        flags = ["--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=os.geteuid() != 0, args=flags
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        while True:
            with suppress(PlaywrightError):
                page.goto(url)
                break
            time.sleep(0.2)
        page.get_by_test_id("situation").wait_for()
        yield
        browser.close()


def browser_seconds() -> float:
    """Return the processor time of all Chromium processes started by this process."""
    browsers = [pid for pid in children_of(os.getpid()) if b"chrom" in Path(f"/proc/{pid}/cmdline").read_bytes()[:200]]
    return sum(own_cpu_seconds(pid) for pid in browsers)


def watch(api: str, began: float, rate: float, ages: list[float]) -> None:
    """Follow the stream as a page does; the generator's n-th event was sent n / rate seconds after it began."""
    with urllib.request.urlopen(f"{api}/api/v1/stream", timeout=60) as stream:
        for line in stream:
            if line.startswith(b"data: ["):
                now = time.time()
                ages += [now - began - int(event["context_id"][4:]) / rate for event in json.loads(line[6:])]


if __name__ == "__main__":
    main()
