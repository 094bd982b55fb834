"""What queries cost: the plans that make them fast, and the steps that SQLite takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, Counter, ServiceMetricsPoint
from ha_ingestor_store.embedded.file.connection import connect
from ha_ingestor_store.embedded.file.migrations import prepare
from ha_ingestor_store.embedded.reading import (
    count_queries,
    entity_states,
    recent_events,
    service_metrics,
    service_queries,
)
from ha_ingestor_store.embedded.writing.file_writer import FileWriter
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import Homes, RecentEvents
from ha_ingestor_store.renames import IdRange
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange
from msgspec import structs


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    prepare(tmp_path / "file")
    return connect(tmp_path / "file")


@pytest.mark.parametrize(
    "query",
    [count_queries.count_by_group(0), count_queries.count_total(0), count_queries.count_by_series(0)],
)
def test_raw_counts_read_the_time_index_alone(database: sqlite3.Connection, query: str) -> None:
    plan = database.execute("EXPLAIN QUERY PLAN " + query, {"start": 0, "end": 1, "window": 60}).fetchall()
    assert any("COVERING INDEX events_by_time (time_ns>? AND time_ns<?)" in step[3] for step in plan)
    database.close()


@pytest.mark.parametrize(
    "query",
    [count_queries.count_by_group(g) for g in (MINUTE_NS, HOUR_NS, DAY_NS)] + [count_queries.count_by_series(HOUR_NS)],
)
def test_rollups_are_read_by_range(database: sqlite3.Connection, query: str) -> None:
    plan = database.execute("EXPLAIN QUERY PLAN " + query, {"start": 0, "end": 1}).fetchall()
    assert any("USING PRIMARY KEY (bucket>? AND bucket<?)" in step[3] for step in plan)
    database.close()


@pytest.mark.parametrize("grain_ns", [0, HOUR_NS, DAY_NS])
def test_services_are_summed_without_reading_the_table_whole(database: sqlite3.Connection, grain_ns: int) -> None:
    bound = {"start": 0, "end": 1, "service": "admin-api"}
    (plan,) = database.execute("EXPLAIN QUERY PLAN " + service_queries.sum_service(grain_ns), bound).fetchall()
    column = "bucket" if grain_ns else "time_ns"
    assert plan[3].endswith(f"USING PRIMARY KEY (service=? AND {column}>? AND {column}<?)")
    database.close()


def test_answers_about_services_cost_the_same_however_long_they_have_reported(database: sqlite3.Connection) -> None:
    writer = FileWriter(database)
    steps = []
    for hour in (0, 20):
        for service in ("admin-api", "websocket-ingestion"):
            times = range(hour * HOUR_NS, (hour + 10) * HOUR_NS, MINUTE_NS)
            writer.write_service_metrics([report(service, time_ns) for time_ns in times])
        steps.append(steps_of(database))
    assert steps[1] < 1.5 * steps[0]
    database.close()


def report(service: str, time_ns: int) -> ServiceMetricsPoint:
    buckets = dict.fromkeys(LATENCY_BUCKETS, 1)
    return ServiceMetricsPoint(service=service, time_ns=time_ns, counters={Counter.PROCESSED.value: 1, **buckets})


def steps_of(database: sqlite3.Connection) -> int:
    """How many steps SQLite takes to answer both questions about the first half hour."""

    def ask() -> None:
        assert len(service_metrics.service_statistics(database, TimeRange(0, HOUR_NS // 2), None)) == 2
        assert service_metrics.latest_metrics(database, None, 1000)

    return steps_to(database, ask)


def test_a_page_of_history_costs_the_same_however_many_events_the_entity_has(database: sqlite3.Connection) -> None:
    writer = FileWriter(database)
    steps = []
    for first in (0, 1000):
        writer.write_events([switched(time_ns) for time_ns in range(first, first + 1000)])
        steps.append(steps_to(database, lambda: entity_states.states(database, id_range, 10)))
    assert steps[1] < 1.5 * steps[0] < 1000
    database.close()


def test_a_page_of_an_area_costs_the_same_however_many_events_it_has(database: sqlite3.Connection) -> None:
    writer = FileWriter(database)
    question = RecentEvents(TimeRange(0, HOUR_NS), area="Hall", limit=10)
    steps = []
    for first in (0, 2000):
        places = [(f"light.l{time_ns % 40}", "Hall" if time_ns % 2 else "Attic") for time_ns in range(2000)]
        writer.write_events(
            [
                structs.replace(switched(first + at), entity_id=entity_id, area=area)
                for at, (entity_id, area) in enumerate(places)
            ]
        )
        assert len(recent_events.recent_events(database, question).events) == 10
        steps.append(steps_to(database, lambda: recent_events.recent_events(database, question)))
    assert steps[1] < 1.5 * steps[0]
    database.close()


id_range = IdRange("light.a", 0, HOUR_NS, Homes(only="home"))


def switched(time_ns: int) -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, domain="light", entity_id="light.a", state="on")


def steps_to(database: sqlite3.Connection, ask: Callable[[], object]) -> int:
    """How many steps of its machine SQLite takes to answer."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    database.set_progress_handler(count, 1)
    ask()
    database.set_progress_handler(None, 0)
    return steps
