"""Measures the events per second from a real socket to the acknowledgement of the store, with `ha-ingestor run all`.

    .venv/bin/python -m benchmarks.ingest [--events 200000] [--entities 2000] [--coalesce 1]
    .venv/bin/python -m benchmarks.ingest --ask-every inf                 # without API requests
    .venv/bin/python -m benchmarks.ingest --rate 1000 --events 30000      # with the latency of /api/v1/stats
    .venv/bin/python -m benchmarks.ingest --store influxdb-1              # Debian's influxd, started by the benchmark
    .venv/bin/python -m benchmarks.ingest --store influxdb-2              # the influxd 2.x of TEST_INFLUXD
    .venv/bin/python -m benchmarks.ingest --store influxdb                # the server of INFLUXDB_URL

A generator in a separate process implements the required part of Home Assistant's protocol and sends prepared
WebSocket frames from the recorded session: about 1.2 kB per event, each with its own entity, state and time; the first
one contains the weather. The time is measured from the first sent event to the acknowledgement of the last; then the
number of events in the store is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import NamedTuple

from ha_ingestor_core.service_metrics import latency_quantile

from benchmarks.generator import generate
from benchmarks.processes import cpu_seconds, get, memory_mib
from benchmarks.servers import OWN_SERVERS, ROOT, fresh_bucket, named_by_environment, own_server
from tests.influxdb import variables
from tests.ports import free_port

_periods = itertools.count(24 * 60)


def acknowledged(api: str) -> int:
    """Return the number of acknowledged events, as counted by the process."""
    name = b"ha_ingestor_websocket_ingestion_events_acknowledged_total{"
    lines = [line for line in get(f"{api}/metrics").splitlines() if line.startswith(name)]
    return round(sum(float(line.split()[-1]) for line in lines))


def acknowledgement_ms(api: str, *quantiles: float) -> list[float]:
    """Return the latency from arrival to acknowledgement, from the histogram of the process."""
    name = b"ha_ingestor_websocket_ingestion_acknowledgement_lag_seconds_bucket{"
    lines = [line for line in get(f"{api}/metrics").splitlines() if line.startswith(name)]
    cumulative = [round(float(line.split()[-1])) for line in lines]
    return [latency_quantile(quantile, cumulative) or 0.0 for quantile in quantiles]


def stored(api: str) -> int:
    """Return the number of stored events, with a new period in each call, since answers are cached."""
    total: int = json.loads(get(f"{api}/api/v1/stats?period={next(_periods)}m"))["metrics"]["total_events"]
    return total


class MeasuredStore(NamedTuple):
    """The environment of a store, and the process of its server if the benchmark started it."""

    variables: dict[str, str]
    pid: int | None = None


@contextlib.contextmanager
def measured_store(store: str) -> Iterator[MeasuredStore]:
    """An empty store, deleted afterwards."""
    if store == "embedded":
        yield MeasuredStore({"INFLUXDB_URL": ""})
        return
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(own_server(store)) if store in OWN_SERVERS else None
        settings = stack.enter_context(fresh_bucket(*(own.address if own else named_by_environment())))
        yield MeasuredStore(variables(settings), own.pid if own else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--entities", type=int, default=2_000)
    parser.add_argument("--coalesce", type=int, default=1, help="events in one frame")
    parser.add_argument("--rate", type=float, default=0.0, help="events per second; 0: as fast as possible")
    parser.add_argument("--store", choices=["embedded", "influxdb", *OWN_SERVERS], default="embedded")
    parser.add_argument("--ask-every", type=float, help="seconds between two /api/v1/stats; inf: never")
    options = parser.parse_args()
    if options.ask_every is None:
        options.ask_every = 0.02 if options.rate else 1.0
    api_port, ha_port = free_port(), free_port()
    began: Synchronized[float] = multiprocessing.Value("d", 0.0)
    ready = multiprocessing.Event()
    generator = multiprocessing.Process(target=generate, args=(ha_port, options, began, ready), daemon=True)
    generator.start()
    ready.wait()
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, measured_store(options.store) as store:
        environment = os.environ | {
            "HA_URL": f"http://127.0.0.1:{ha_port}",
            "HA_TOKEN": "benchmark",
            "DATA_DIR": folder,
            "ADMIN_API_PORT": str(api_port),
            "LOG_LEVEL": "WARNING",
            "STORE_WRITE_INTERVAL_S": "0",  # the last events wait for nobody
            **store.variables,
        }
        process = subprocess.Popen([Path(sys.executable).parent / "ha-ingestor", "run", "all"], env=environment)
        try:
            pids = {"ours": process.pid, "the generator": generator.pid or 0}
            if store.pid:
                pids["the server"] = store.pid
            measure(pids, Path(folder), f"http://127.0.0.1:{api_port}", options, began)
        finally:
            process.terminate()
            process.wait()
            generator.terminate()


def measure(
    pids: dict[str, int], folder: Path, api: str, options: argparse.Namespace, began: Synchronized[float]
) -> None:
    """Wait for the last event, then print the result."""
    while not began.value:
        time.sleep(0.01)
    before, answers, done = {name: cpu_seconds(pid) for name, pid in pids.items()}, [], 0
    asked = 0.0
    while done < options.events:
        if time.time() - asked >= options.ask_every:
            begin = asked = time.time()
            stored(api)
            answers.append((time.time() - begin) * 1e3)
        time.sleep(0.1)
        done = acknowledged(api)
    seconds = time.time() - began.value
    cpu = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    print(
        f"{options.store}: {options.events:,} events in {seconds:.1f} s: {options.events / seconds:,.0f} events/s "
        f"acknowledged, {cpu['ours'] / seconds * 100:.0f} % CPU, {memory_mib(pids['ours']):.0f} MiB\n"
        f"us of CPU an event: {', '.join(f'{name} {used / options.events * 1e6:.1f}' for name, used in cpu.items())}"
    )
    if len(answers) > 1:
        latency = statistics.quantiles(answers, n=100)
        print(
            f"/api/v1/stats meanwhile, {len(answers)} times: p50 {latency[49]:.1f} ms, p95 {latency[94]:.1f} ms, "
            f"p99 {latency[98]:.1f} ms"
        )
    p50, p99 = acknowledgement_ms(api, 0.5, 0.99)
    print(f"from arrival to acknowledgement: p50 {p50:.0f} ms, p99 {p99:.0f} ms (interpolated between its buckets)")
    if size := sum(path.stat().st_size for path in folder.glob("events.sqlite3*")):
        print(f"on disk: {size / options.events:,.0f} B an event")
    if (total := stored(api)) != options.events:
        time.sleep(5)
        raise SystemExit(
            f"{options.events:,} events were acknowledged; the store holds {total:,}, and {stored(api):,} 5 s later"
        )


if __name__ == "__main__":
    main()
