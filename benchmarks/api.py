"""Measures throughput and latency of /api/v1/stats during ingestion, and during an outage of the store.

    .venv/bin/python -m benchmarks.api [--clients 1,10,100,1000] [--seconds 8] [--rate 100] [--store influxdb-1]
    .venv/bin/python -m benchmarks.api --outage          # Debian's influxd is killed and hangs

`run all` captures the events of a generator meanwhile. Clients keep their connections: `wrk` if installed, otherwise
aiohttp in a separate process, which is slower than the server. *cached*: all requests are the same; *uncached*: each
request has a different period.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import aiohttp
from msgspec import Struct

from benchmarks.generator import generate
from benchmarks.ingest import measured_store
from benchmarks.servers import ROOT
from tests.influxdb import InfluxDb1, a_database, variables
from tests.ports import free_port

CACHED = "/api/v1/stats?period=1h"
_SCRIPT = """
local n = 0
request = function()
  n = n + 1
  return wrk.format("GET", string.format("/api/v1/stats?period=%dm", 60 + n))
end
"""
_DONE = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Load(Struct, frozen=True):
    """The result of a load test of some seconds."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int


@contextmanager
def ingestor(store: dict[str, str], rate: float, seconds: float) -> Iterator[str]:
    """Run `run all` with `rate` events per second for a time; yields its address."""
    api_port, ha_port = free_port(), free_port()
    began: Synchronized[float] = multiprocessing.Value("d", 0.0)
    ready = multiprocessing.Event()
    options = argparse.Namespace(events=int(rate * seconds) + 1, entities=200, coalesce=1, rate=rate)
    generator = multiprocessing.Process(target=generate, args=(ha_port, options, began, ready), daemon=True)
    generator.start()
    ready.wait()
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        environment = os.environ | {
            "HA_URL": f"http://127.0.0.1:{ha_port}",
            "HA_TOKEN": "benchmark",
            "DATA_DIR": folder,
            "ADMIN_API_PORT": str(api_port),
            "LOG_LEVEL": "ERROR",
            **store,
        }
        process = subprocess.Popen([Path(sys.executable).parent / "ha-ingestor", "run", "all"], env=environment)
        try:
            while not began.value:
                time.sleep(0.05)
            time.sleep(3)
            yield f"http://127.0.0.1:{api_port}"
        finally:
            process.terminate()
            process.wait()
            generator.terminate()


def asked(url: str, *, clients: int, seconds: int, is_cached: bool) -> Load:
    """Send requests with a number of clients for a time, each after the previous response."""
    if shutil.which("wrk"):
        return _asked_by_wrk(url, clients, seconds, is_cached)
    return asyncio.run(_asked_by_aiohttp(url, clients, seconds, is_cached))


def _asked_by_wrk(url: str, clients: int, seconds: int, is_cached: bool) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_DONE if is_cached else _SCRIPT + _DONE)
        script.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", script.name, url + CACHED]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    assert found, output
    requests, took_us, p50, p95, p99, errors = map(int, found.groups())
    return Load(requests / took_us * 1e6, p50 / 1e3, p95 / 1e3, p99 / 1e3, errors)


async def _asked_by_aiohttp(url: str, clients: int, seconds: int, is_cached: bool) -> Load:
    times: list[float] = []
    errors = 0
    deadline = time.perf_counter() + seconds
    numbers = iter(range(60, 10**6))

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal errors
        while (begin := time.perf_counter()) < deadline:
            path = CACHED if is_cached else f"/api/v1/stats?period={next(numbers)}m"
            async with session.get(url + path) as response:
                await response.read()
                errors += response.status != 200
            times.append((time.perf_counter() - begin) * 1e3)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(ask(session) for _ in range(clients)))
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / seconds, cuts[49], cuts[94], cuts[98], errors)


def measure_load(options: argparse.Namespace) -> None:
    """Print a row for each number of clients, cached and uncached."""
    clients = [int(each) for each in options.clients.split(",")]
    lasting = 60 + 4 * options.seconds * len(clients)
    with measured_store(options.store) as store, ingestor(store.variables, options.rate, lasting) as url:
        asker = "wrk" if shutil.which("wrk") else "aiohttp"
        print(f"{options.store}, {options.rate:g} events a second meanwhile, asked by {asker}")
        print("| /stats | clients | req/s | p50 ms | p95 ms | p99 ms | errors |\n|---|---|---|---|---|---|---|")
        for kind in ("cached", "uncached"):
            for count in clients:
                load = asked(url, clients=count, seconds=options.seconds, is_cached=kind == "cached")
                times = " | ".join(f"{ms:.1f}" for ms in (load.p50_ms, load.p95_ms, load.p99_ms))
                print(f"| {kind} | {count:,} | {load.per_second:,.0f} | {times} | {load.errors} |", flush=True)


def measure_outage(options: argparse.Namespace) -> None:
    """Print response times when the store fails, during the outage, and at its recovery."""
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, ExitStack() as stack:
        server = InfluxDb1(Path(folder))
        server.start()
        stack.callback(server.kill)
        url = stack.enter_context(ingestor(variables(a_database(server.url)), options.rate, 120))
        print("| the store | first answer | p50 | p99 | until it answers again |\n|---|---|---|---|---|")
        for name, fail, mend in (
            ("killed", server.kill, server.start),
            ("hangs", lambda: _signal(server, signal.SIGSTOP), lambda: _signal(server, signal.SIGCONT)),
        ):
            _until(url, "influxdb")
            fail()
            first = _until(url, "services-fallback")
            times = [_timed(url)[0] for _ in range(100)]
            mend()
            begin = time.perf_counter()
            _until(url, "influxdb")
            cuts = statistics.quantiles(times, n=100)
            again = time.perf_counter() - begin
            print(f"| {name} | {first:.0f} ms | {cuts[49]:.0f} ms | {cuts[98]:.0f} ms | {again:.1f} s |", flush=True)


def _until(url: str, source: str) -> float:
    """Send requests until the source answers; return the duration of its first answer in ms."""
    while True:
        ms, answered = _timed(url)
        if answered == source:
            return ms
        time.sleep(0.02)


def _timed(url: str) -> tuple[float, str]:
    begin = time.perf_counter()
    with urllib.request.urlopen(url + CACHED, timeout=30) as response:
        source: str = json.loads(response.read())["source"]
    return (time.perf_counter() - begin) * 1e3, source


def _signal(server: InfluxDb1, number: signal.Signals) -> None:
    assert server.pid is not None
    os.kill(server.pid, number)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", default="1,10,100,1000")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rate", type=float, default=100.0, help="events per second during the measurement")
    parser.add_argument("--store", choices=["embedded", "influxdb", "influxdb-1"], default="embedded")
    parser.add_argument("--outage", action="store_true", help="measure an outage of InfluxDB")
    options = parser.parse_args()
    if options.outage:
        measure_outage(options)
    else:
        measure_load(options)


if __name__ == "__main__":
    main()
