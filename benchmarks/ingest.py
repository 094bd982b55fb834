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
import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, NamedTuple

from ha_ingestor_core.service_metrics import latency_quantile

from benchmarks.servers import OWN_SERVERS, ROOT, fresh_bucket, named_by_environment, own_server
from tests.influxdb import variables
from tests.ports import free_port

SESSION = ROOT / "tests" / "data" / "home-assistant-2024.3-session.jsonl"
_periods = itertools.count(24 * 60)
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def recorded_changes() -> list[str]:
    """The recorded state changes as JSON texts, with marks where entity, state and time go."""
    texts = []
    for line in SESSION.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)["msg"]
        event = message.get("event", {})
        change = event.get("data", {})
        if event.get("event_type") != "state_changed" or not (change["old_state"] and change["new_state"]):
            continue
        change["entity_id"] = change["new_state"]["entity_id"] = change["old_state"]["entity_id"] = "@ENTITY@"
        change["new_state"]["state"] = "@STATE@"
        change["new_state"]["last_updated"] = event["time_fired"] = "@TIME@"
        event["context"]["id"] = change["new_state"]["context"]["id"] = "@CONTEXT@"
        texts.append(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    return texts


def weather_change(text: str) -> str:
    """The change as one of a weather entity: with it, every event takes its weather (or not: WEATHER_SOURCE=off)."""
    message = json.loads(text)
    new = message["event"]["data"]["new_state"]
    new["attributes"] = {"temperature": 7.5, "temperature_unit": "°C", "humidity": 81}
    new["attributes"] |= {"pressure": 1017.4, "pressure_unit": "hPa"}
    new["attributes"] |= {"wind_speed": 14.8, "wind_speed_unit": "km/h", "wind_bearing": 236.0}
    new["state"] = "partlycloudy"
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).replace("@ENTITY@", "weather.home")


def wire_frame(payload: bytes) -> bytes:
    """One unmasked WebSocket text frame (RFC 6455, 5.2)."""
    if len(payload) < 126:
        return struct.pack("!BB", 0x81, len(payload)) + payload
    if len(payload) < 65_536:
        return struct.pack("!BBH", 0x81, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x81, 127, len(payload)) + payload


def prepared_frames(events: int, entities: int, coalesce: int) -> list[bytes]:
    """Frames of `coalesce` events each (an array when more than one), ready for the wire."""
    rng, templates = random.Random(1), recorded_changes()
    start = datetime.now(UTC) - timedelta(microseconds=events * 50)
    frames, waiting = [], []
    for n in range(events):
        entity = min(int(rng.paretovariate(0.6)), entities)
        text = templates[entity % len(templates)] if n else weather_change(templates[0])
        text = text.replace("@ENTITY@", f"sensor.entity_{entity}").replace("@STATE@", f"{n % 1000 / 10}")
        text = text.replace("@TIME@", (start + timedelta(microseconds=n * 50)).isoformat())
        waiting.append(text.replace("@CONTEXT@", f"01HG{n:022d}"))
        if len(waiting) == coalesce or n == events - 1:
            body = waiting[0] if coalesce == 1 else f"[{','.join(waiting)}]"
            frames.append(wire_frame(body.encode()))
            waiting = []
    return frames


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return (opcode, payload) of one masked client frame."""
    first, second = await reader.readexactly(2)
    length = second & 127
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    return first & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Generator:
    """Answers the commands of websocket-ingestion, then sends all frames."""

    def __init__(self, frames: list[bytes], rate: float, coalesce: int, began: Synchronized[float]) -> None:
        self._frames, self._rate, self._coalesce, self._began = frames, rate, coalesce, began
        self._poured = False

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        keys = [line for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")]
        if not keys:  # a question over HTTP, such as for signs of life
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        (key,) = keys
        accept = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + _MAGIC).digest())
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

        def say(message: dict[str, Any]) -> None:
            writer.write(wire_frame(json.dumps(message).encode()))

        say({"type": "auth_required", "ha_version": "2024.3.3"})
        pouring: asyncio.Task[None] | None = None
        while True:
            try:
                opcode, payload = await read_frame(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            if opcode == 9:
                writer.write(struct.pack("!BB", 0x8A, len(payload)) + payload)
            if opcode != 1:
                continue
            message = json.loads(payload)
            if message["type"] == "auth":
                say({"type": "auth_ok", "ha_version": "2024.3.3"})
                continue
            is_list = message["type"].endswith(("/list", "get_states"))
            say({"id": message["id"], "type": "result", "success": True, "result": [] if is_list else None})
            if message["type"] == "get_states" and not self._poured:
                self._poured = True
                pouring = asyncio.create_task(self._pour(writer))
        if pouring:
            pouring.cancel()

    async def _pour(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        self._began.value = begin = time.time()
        step = 100 if not self._rate else max(1, int(self._rate / self._coalesce / 50))
        for at in range(0, len(self._frames), step):
            writer.write(b"".join(self._frames[at : at + step]))
            await writer.drain()
            if self._rate:
                await asyncio.sleep(max(0.0, begin + (at + step) * self._coalesce / self._rate - time.time()))


def generate(port: int, options: argparse.Namespace, began: Synchronized[float], ready: Any) -> None:
    """Run the generator process."""
    frames = prepared_frames(options.events, options.entities, options.coalesce)
    ready.set()
    asyncio.run(Generator(frames, options.rate, options.coalesce, began).serve(port))


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as response:
        body: bytes = response.read()
        return body


def children_of(pid: int) -> list[int]:
    """Return a process and its children."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += children_of(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and its children."""
    return sum(own_cpu_seconds(each) for each in children_of(pid))


def own_cpu_seconds(pid: int) -> float:
    """User and system time of the process alone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Return the peak memory of the process and its children."""
    return sum(
        int(line.split()[1]) / 1024
        for each in children_of(pid)
        for line in Path(f"/proc/{each}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )


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
