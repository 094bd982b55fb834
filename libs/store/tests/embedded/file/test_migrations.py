"""A file of any earlier release is updated when it is opened; other files are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.embedded.file import migrations
from ha_ingestor_store.embedded.file.schema import SERVICE_ROLLUPS
from ha_ingestor_store.embedded.file.store_file import FILE_NAME
from ha_ingestor_store.embedded.store import EmbeddedStore
from ha_ingestor_store.embedded.writing.retention import Retention
from ha_ingestor_store.points import EventPoint, Weather
from ha_ingestor_store.questions import RecentAlerts, RecentEvents, RecentGaps
from ha_ingestor_store.service_windows import HIGHEST_LEVELS
from ha_ingestor_store.time_range import DAY_NS, TimeRange

EVER = TimeRange(0, 40_000 * DAY_NS)


def dropped(table: str, *columns: str) -> str:
    return ";".join(f"ALTER TABLE {table} DROP COLUMN {column}" for column in columns)


UNDO = {
    migrations._ACKNOWLEDGED: dropped("alerts", "acknowledged_ns", "acknowledged_by"),
    migrations._HIGHEST: ";".join(dropped(table, *HIGHEST_LEVELS) for table in SERVICE_ROLLUPS.values()),
    migrations._PLACES: dropped("facts", "floor", "labels", "integration"),
    migrations._FACTS_DAYS: "DROP TABLE facts_days",
    migrations._UNIQUE_FACTS: f"DROP INDEX facts_by_hash; {dropped('facts', 'hash')}",
}


def undo_steps_from(first: str, path: Path) -> None:
    """Make the tables those of the release before a step."""
    version = migrations._STEPS.index(first)
    with closing(sqlite3.connect(path)) as db:
        for step in reversed(migrations._STEPS[version:]):
            db.executescript(UNDO[step])
        db.execute(f"PRAGMA user_version = {version}")


def rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


def event(n: int, time_ns: int = DAY_NS) -> EventPoint:
    return EventPoint("home", "state_changed", time_ns + n, "sensor", "sensor.a", str(n), friendly_name="A")


async def test_a_file_of_the_first_release_keeps_what_it_holds(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as first_release:
        first_release.executescript(migrations._FIRST_TABLES)
        first_release.executescript("INSERT INTO meta VALUES ('captured_from_ns', 5); PRAGMA user_version = 1")
    first_release.close()
    store = await EmbeddedStore.open(tmp_path)
    assert (await store.reader.event_count(EVER)).coverage.start_ns == 5
    gap = Gap(home="home", start_ns=1, end_ns=2, reason=GapReason.RESTART, found_ns=3)
    await store.writer.write_gaps([gap])
    alert = Alert(rule="lag", service="s", level=AlertLevel.INFO, message="late", since_ns=1, raised_ns=2)
    await store.writer.write_alerts([alert])
    await store.close()
    store = await EmbeddedStore.open(tmp_path)  # a second start changes nothing
    assert (await store.reader.gaps(RecentGaps(EVER))).gaps == [gap]
    assert (await store.reader.alerts(RecentAlerts(EVER))).alerts == [alert]
    await store.close()


async def test_a_file_of_the_first_release_is_brought_up_and_keeps_its_events(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as old:
        old.executescript(f"{migrations._FIRST_TABLES}; PRAGMA user_version = 1;")
        old.executescript(
            "INSERT INTO groups VALUES (1, 'home', 'state_changed', 'light');"
            "INSERT INTO series VALUES (1, 1, 'light.old', 0);"
            "INSERT INTO facts (id, friendly_name) VALUES (1, 'Old');"
            "INSERT INTO events (series, time_ns, rank, facts, state, removed) "
            f"VALUES (1, {17 * DAY_NS}, 2, 1, 'on', 0);"
            f"INSERT INTO service_metrics (service, time_ns, instance, events_failed) VALUES ('s', {DAY_NS}, '', 3);"
        )
    for _ in range(2):  # the second time there is nothing left to do
        store = await EmbeddedStore.open(tmp_path)
        new = msgspec.structs.replace(event(1), weather=Weather(temperature_c=21.5))
        await store.writer.write_events([new])
        counted = ServiceMetricsPoint("s", DAY_NS + 1, counters={"events_expired": 2})
        await store.writer.write_service_metrics([counted])
        (service,) = await store.reader.service_statistics(EVER)
        assert (service.counters["events_failed"], service.counters["events_expired"]) == (3, 2)
        found = (await store.reader.recent_events(RecentEvents(EVER))).events
        await store.close()
        assert [(e.entity_id, e.weather) for e in found if e.entity_id == "light.old"] == [("light.old", None)]
        assert [e.weather for e in found if e.entity_id == new.entity_id] == [new.weather]


async def test_a_file_of_a_later_release_is_refused(tmp_path: Path) -> None:
    await (await EmbeddedStore.open(tmp_path)).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {migrations.SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreRefusedError, match="later release"):
        await EmbeddedStore.open(tmp_path)


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE events (a)")
    connection.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreRefusedError, match="another program"):
        await EmbeddedStore.open(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


async def test_facts_of_an_earlier_release_are_used_again(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_events([event(0)])
    await store.close()
    undo_steps_from(migrations._UNIQUE_FACTS, path)
    with closing(sqlite3.connect(path)) as db:  # a restart had stored the set again
        db.execute(
            "INSERT INTO facts SELECT id + 1, unit, friendly_name, area, device, device_class, attributes FROM facts"
        )
        db.commit()
    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_events([event(1), event(2)])
    page = await store.reader.recent_events(RecentEvents(time_range=EVER))
    assert [event.friendly_name for event in page.events] == ["A"] * 3
    await store.close()
    assert rows(path, "facts") == 2


async def test_facts_of_an_earlier_release_are_in_use_until_its_newest_event_goes(tmp_path: Path) -> None:
    path, clock = tmp_path / FILE_NAME, FakeClock(100 * DAY_NS)
    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_events([event(n, 95 * DAY_NS) for n in range(48)])
    await store.close()
    undo_steps_from(migrations._FACTS_DAYS, path)
    store = await EmbeddedStore.open(tmp_path, Retention(event_days=10), clock)
    while await store.expiry.delete_expired():
        pass
    page = await store.reader.recent_events(RecentEvents(time_range=EVER, limit=100))
    assert (len(page.events), rows(path, "facts")) == (48, 1)
    clock.advance(20 * 86_400)
    await store.writer.write_events([msgspec.structs.replace(event(0, clock.now_ns()), unit="°C")])
    while await store.expiry.delete_expired():
        pass
    assert (rows(path, "events"), rows(path, "facts")) == (1, 1)
    await store.close()


async def test_the_highest_levels_of_hours_of_an_earlier_release_come_from_reports_that_are_kept(
    tmp_path: Path,
) -> None:
    def report(at_ns: int, queued: float) -> ServiceMetricsPoint:
        return ServiceMetricsPoint(
            "s", at_ns, "i", {"events_received": 1}, {"queue_depth": queued, "lag_s": queued / 2}
        )

    store = await EmbeddedStore.open(tmp_path)
    await store.writer.write_service_metrics(
        [report(90 * DAY_NS, 3.0), report(90 * DAY_NS + 1, 8.0), report(91 * DAY_NS, 5.0)]
    )
    window = TimeRange(90 * DAY_NS, 92 * DAY_NS)
    before = await store.reader.service_windows(window, DAY_NS)
    await store.close()
    undo_steps_from(migrations._HIGHEST, tmp_path / FILE_NAME)
    store = await EmbeddedStore.open(tmp_path)
    assert await store.reader.service_windows(window, DAY_NS) == before
    assert [(each.queue_depth_max, each.lag_s_max) for each in before] == [(8.0, 4.0), (5.0, 2.5)]
    await store.close()
