"""A fixed story, told to a store on InfluxDB: what is written, late, twice or refused, and what is asked in between.

Nothing in it depends on the day or on chance, so the requests are the same to the letter whenever it is told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_store import Store
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS

from tests.recorded import points
from tests.recorded.asking import EVER, FILTERS, RANGES, ask_counts, ask_entities, ask_recent, ask_services
from tests.recorded.points import BASE_NS, FOREIGN_NS, RETENTION_S
from tests.recorded.truth import Truth

ORG = "ha-ingestor"
BUCKET = "recorded"


def scenario_settings(url: str, token: str = "") -> InfluxSettings:
    """The settings that the requests are made of; the bucket must not be there yet."""
    return InfluxSettings(url=url, token=token, org=ORG, bucket=BUCKET, keep_s=0.0, raw_retention_s=RETENTION_S)


async def tell(settings: InfluxSettings) -> set[str]:
    """Tell the story; raises AssertionError where an answer is not the truth; returns the calls that were made."""
    story = Story(settings)
    await story.begin()
    await story.go_on_after_a_restart()
    return story.calls


class Story:
    """The clock, the truth and the stores of one telling."""

    def __init__(self, settings: InfluxSettings) -> None:
        self.calls: set[str] = set()
        self._settings = settings
        self._clock = FakeClock(BASE_NS)
        self._truth = Truth()

    async def begin(self) -> None:
        """An empty server, live events, rollups; then what is late, better, or another process's."""
        truth = self._truth
        async with self._open(writes_events=True) as keeper, self._open(writes_events=False) as reader:
            await keeper.reader.ping()
            await keeper.writer.kept_from_ns()
            assert await keeper.writer.totals("enrichment-pipeline") is None  # there is no transaction to keep any in
            await ask_counts(reader, truth, [EVER])
            await ask_services(reader, truth)
            await ask_recent(reader, truth, FILTERS[:1])
            await ask_entities(reader, truth, ["sensor.a"])

            await self._write(keeper, points.LIVE)
            await self._write(keeper, points.LIVE[:3])  # again
            await self._report(keeper)
            await ask_counts(reader, truth, RANGES[:2])

            await self._roll_up(keeper, BASE_NS + HOUR_NS)  # in the middle of what was written
            await ask_counts(reader, truth, RANGES[1:3])
            await self._roll_up(keeper, BASE_NS + DAY_NS)
            await ask_counts(reader, truth, [EVER])

            for batch in (points.BACKFILL, points.SNAPSHOT, points.UPGRADES, points.LATE):
                await self._write(keeper, batch)
            await ask_counts(reader, truth, RANGES[1:3])  # some windows are open
            await self._report_late(reader)
            await ask_services(reader, truth)  # the claim is not heeded yet
            await self._roll_up(keeper, BASE_NS + DAY_NS + HOUR_NS)
            await ask_counts(reader, truth, RANGES[:2])

    async def go_on_after_a_restart(self) -> None:
        """What is known must be read from the server: the newest events, and how far the rollups are."""
        truth = self._truth
        async with self._open(writes_events=True) as keeper:
            await self._write(keeper, [*points.LIVE[-3:], *points.UPGRADES])
            await self._write_what_is_refused(keeper)
            await self._write(keeper, points.NEWER)
            await self._roll_up(keeper, BASE_NS + 3 * DAY_NS)
            await ask_counts(keeper, truth)
            await ask_services(keeper, truth, [None, 'no"body', "test,service =1", "websocket-ingestion"])
            await ask_recent(keeper, truth)
            entity_ids = {point.entity_id for point in truth.points.values() if point.entity_id}
            await ask_entities(keeper, truth, ["sensor.a", *sorted(entity_ids - {"sensor.a"}), "sensor.nobody"])

    @asynccontextmanager
    async def _open(self, *, writes_events: bool) -> AsyncIterator[Store]:
        store = InfluxStore(
            self._settings,
            DIALECTS,
            writes_events=writes_events,
            clock=self._clock,
            report_wait_s=0,
            rolls_up=False,
        )
        try:
            yield cast("Store", _Noted(store, self.calls))
        finally:
            await store.close()

    async def _write(self, keeper: Store, batch: list[EventPoint]) -> None:
        assert await keeper.writer.write_events(batch) == self._truth.write_events(batch)

    async def _report(self, keeper: Store) -> None:
        await keeper.writer.write_service_metrics(points.REPORTS)
        self._truth.write_service_metrics(points.REPORTS)
        for gaps in (points.GAPS, points.LATER_GAPS):
            await keeper.writer.write_gaps(gaps)
            self._truth.write_gaps(gaps)
        for alerts in (points.ALERTS, points.LATER_ALERTS):
            await keeper.writer.write_alerts(alerts)
            self._truth.write_alerts(alerts)

        await keeper.writer.write_weather(points.WEATHER)
        self._truth.write_weather(points.WEATHER)
        await keeper.writer.write_alive(points.ALIVE)
        self._truth.write_alive(points.ALIVE)

    async def _report_late(self, reporter: Store) -> None:
        await reporter.writer.write_service_metrics(points.LATE_REPORTS)
        self._truth.write_service_metrics(points.LATE_REPORTS)

    async def _roll_up(self, keeper: Store, now_ns: int) -> None:
        self._clock.turn_to(now_ns)
        await cast("InfluxStore", keeper).roll_up()

    async def _write_what_is_refused(self, keeper: Store) -> None:
        """Somebody else's field has another type there; another event is too old; those around them are written."""
        await self._write_foreign(keeper)
        batch = [points.NEWER[0], points.CONFLICTING, points.EXPIRED, points.NEWER[1]]
        result = await keeper.writer.write_events(batch)
        good = [point for point in batch if point in points.NEWER]
        assert msgspec.structs.replace(result, rejected=[], expired=[]) == self._truth.write_events(good)
        assert ([(each.index, each.key) for each in result.rejected], result.expired) == ([(1, "type_conflict")], [2])
        assert all(each.message for each in result.rejected)

    async def _write_foreign(self, keeper: Store) -> None:
        connection = await cast("InfluxStore", keeper).connect()
        server = Server(self._settings)
        writer = BatchWriter(server, connection.dialect.capabilities.write_answers, timeout_s=10)
        try:
            lines = [f'home_assistant_events,home=other value="text" {FOREIGN_NS}', "this is no line", ""]
            refused = await writer.write(connection.dialect.write_target(rollups=False), lines)
        finally:
            await server.close()
        assert [(each.index, each.key) for each in refused] == [(1, "malformed_for_store")]


class _Noted:
    """A store, and the names of what is called of it."""

    def __init__(self, store: InfluxStore, calls: set[str]) -> None:
        self._store = store
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        self._calls.add(name)
        return getattr(self._store, name)


async def be_refused(settings: InfluxSettings) -> None:
    """Ask and write with a wrong token, and in a bucket that is not there."""
    for wrong in ({"token": "wrong"}, {"bucket": "nowhere"}):
        store = InfluxStore(msgspec.structs.replace(settings, **wrong), DIALECTS, writes_events=False)
        try:
            with pytest.raises(StoreRefusedError, match=r"answered 40[14] to a question"):
                await store.event_count(EVER)
            with pytest.raises(StoreRefusedError, match=r"answered 40[14]"):
                await store.write_service_metrics(points.REPORTS[:1])
        finally:
            await store.close()
