"""Measures the query times of each store for each period, compared with queries on raw points.

    .venv/bin/python -m benchmarks.query [--events 10000000] [--stores embedded,influxdb-1,influxdb] [--repeat 30]

Events of 2,000 entities over the last year; `influxdb` is the server of TEST_INFLUXDB_URL (or INFLUXDB_URL). Times in
ms: the first answer of a new store object, then p50, p95 and p99 of repeated queries, then the p50 of the same query on
raw points.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, ServiceMetricsPoint
from ha_ingestor_store import Store
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.influx.reading.reader import InfluxReader
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.influx.writing.event_encoder import EventEncoder
from ha_ingestor_store.influx.writing.line_protocol import service_metrics_line
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import EntityHistory, EntityWindows, RecentEvents, SilentEntities
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange, nice_window, parse_period

from benchmarks.servers import ROOT, fresh_bucket, named_by_environment, own_server

PERIODS = ("15m", "1h", "6h", "24h", "7d", "30d", "1y")
ENTITIES = 2_000
YEAR_NS = 365 * DAY_NS
_BATCH = 5_000
_NAIVE_LIMIT_S = 20.0

Question = Callable[[StoreReader, TimeRange], Awaitable[object]]

QUESTIONS: dict[str, Question] = {
    "count": lambda store, period: store.event_count(period),
    "statistics": lambda store, period: store.event_statistics(period),
    "trend": lambda store, period: store.event_trend(period, nice_window(period)),
    "busiest": lambda store, period: store.busiest_entities(period),
    "error rate": lambda store, period: store.error_rate(period),
    "services": lambda store, period: store.service_statistics(period),
    "service trend": lambda store, period: store.service_trend(
        "websocket-ingestion", Counter.RECEIVED, period, nice_window(period)
    ),
    "service windows": lambda store, period: store.service_windows(period, nice_window(period)),
    "newest 100": lambda store, period: store.recent_events(RecentEvents(period)),
    "history": lambda store, period: store.entity_history(EntityHistory("home", "sensor.s7", period)),
    "windows": lambda store, period: store.entity_windows(
        EntityWindows("home", "sensor.s7", period, nice_window(period), period.end_ns)
    ),
}
TIMELESS: dict[str, Question] = {
    "silent": lambda store, period: store.silent_entities(SilentEntities(period.end_ns, period.start_ns)),
    "latest metrics": lambda store, period: store.latest_metrics(),
}


def batches(events: int, end_ns: int) -> Iterator[list[EventPoint]]:
    """Return the events, oldest first: mostly states of sensors, and some service calls."""
    chance = random.Random(7)
    step = YEAR_NS // events
    for first in range(0, events, _BATCH):
        yield [_event(chance, end_ns - (events - n) * step) for n in range(first, min(first + _BATCH, events))]


def _event(chance: random.Random, time_ns: int) -> EventPoint:
    number = chance.randrange(ENTITIES)
    domain = ("sensor", "light", "binary_sensor", "climate")[number % 4]
    if number % 50 == 0:
        return EventPoint("home", "call_service", time_ns, domain, data='{"service":"turn_on"}', origin="LOCAL")
    state = f"{chance.random() * 100:.2f}"
    return EventPoint(
        "home", STATE_CHANGED, time_ns, domain, f"{domain}.s{number}", state=state, value=float(state), unit="W"
    )


def reports(end_ns: int, days: int) -> Iterator[list[ServiceMetricsPoint]]:
    """Return the reports of three services every ten seconds over the last days."""
    counters = {counter.value: 10 for counter in Counter} | dict.fromkeys(LATENCY_BUCKETS, 10)
    for start in range(days * 24):
        hour_ns = end_ns - (days * 24 - start) * HOUR_NS
        yield [
            ServiceMetricsPoint(service, hour_ns + n * 10_000_000_000, "a", counters, {"queue_depth": 1.0})
            for service in ("admin-api", "enrichment-pipeline", "websocket-ingestion")
            for n in range(360)
        ]


@asynccontextmanager
async def loaded(name: str, events: int, end_ns: int) -> AsyncIterator[Callable[[], Awaitable[Store]]]:
    """Load a store and return a function that opens it."""
    stack = ExitStack()
    try:
        if name == "embedded":
            folder = Path(stack.enter_context(TemporaryDirectory(dir=ROOT)))
            store = await EmbeddedStore.open(folder)
            for batch in batches(events, end_ns):
                await store.writer.write_events(batch)
            for report in reports(end_ns, 30):
                await store.writer.write_service_metrics(report)
            await store.close()
            yield lambda: EmbeddedStore.open(folder)
            return
        named = named_by_environment() if name == "influxdb" else stack.enter_context(own_server(name)).address
        settings = stack.enter_context(fresh_bucket(*named))
        await _load_influxdb(settings, events, end_ns)

        async def opened() -> Store:
            return InfluxStore(settings, writes_events=False)

        yield opened
    finally:
        await asyncio.to_thread(stack.close)


async def _load_influxdb(settings: InfluxSettings, events: int, end_ns: int) -> None:
    """Write lines as fast as the server takes them, then have everything rolled up."""
    store = InfluxStore(settings, writes_events=True, rolls_up=False, report_wait_s=0)
    connection = await store.connect()
    target, writer, encoder = connection.database.write_target(rollups=False), connection.writer, EventEncoder()
    for batch in batches(events, end_ns):
        lines = [encoder.line(point) for point in batch]
        await writer.write(target, [new.line for new in encoder.new_facts])
        encoder.acknowledged()
        await writer.write(target, lines)
    for report in reports(end_ns, 30):
        await writer.write(target, [line for line in map(service_metrics_line, report) if line])
    begin = time.perf_counter()
    await store.administrator.roll_up()
    print(f"  rolled up in {time.perf_counter() - begin:.0f} s", flush=True)
    await store.close()


async def timed(question: Question, store: StoreReader, period: TimeRange) -> float:
    """Return the duration of a query in ms."""
    begin = time.perf_counter()
    await question(store, period)
    return (time.perf_counter() - begin) * 1e3


async def raw_reader(store: Store) -> StoreReader | None:
    """Return a reader that uses only raw points; not available for the embedded store."""
    return InfluxReader((await store.connect()).database) if isinstance(store, InfluxStore) else None


async def measure(name: str, options: argparse.Namespace) -> None:
    """Load one store and print a row for each query and period."""
    end_ns = time.time_ns()
    begin = time.perf_counter()
    async with loaded(name, options.events, end_ns) as opened:
        print(f"\n## {name}, {options.events:,} events, loaded in {time.perf_counter() - begin:.0f} s\n")
        print("| question | period | first | p50 | p95 | p99 | raw, p50 |\n|---|---|---|---|---|---|---|")
        for question_name, question in [*QUESTIONS.items(), *TIMELESS.items()]:
            too_slow = False
            for period in PERIODS if question_name in QUESTIONS else ("24h",):
                asked = TimeRange(end_ns - parse_period(period), end_ns)
                store = await opened()
                await store.reader.ping()
                first = await timed(question, store.reader, asked)
                times = sorted([await timed(question, store.reader, asked) for _ in range(options.repeat)])
                raw = "-"
                reader = await raw_reader(store)
                if reader is not None and question_name in ("count", "statistics", "trend", "busiest") and not too_slow:
                    slow = [await timed(question, reader, asked) for _ in range(3)]
                    raw, too_slow = f"{statistics.median(slow):.0f}", statistics.median(slow) > _NAIVE_LIMIT_S * 1e3
                await store.close()
                print(
                    f"| {question_name} | {period} | {first:.1f} | {_at(times, 50):.1f} | {_at(times, 95):.1f} "
                    f"| {_at(times, 99):.1f} | {raw} |",
                    flush=True,
                )


def _at(ordered: Sequence[float], percent: int) -> float:
    return ordered[-(-percent * len(ordered) // 100) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--stores", default="embedded,influxdb-1")
    parser.add_argument("--repeat", type=int, default=30)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for name in options.stores.split(","):
        asyncio.run(measure(name, options))


if __name__ == "__main__":
    main()
