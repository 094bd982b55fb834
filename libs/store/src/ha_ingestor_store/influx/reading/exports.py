"""Everything in an InfluxDB, oldest first, for a copy: ranges that hold about a page, found by their size."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.influxql.client import InfluxQl, Row
from ha_ingestor_store.influx.influxql.record_queries import RecordQueries
from ha_ingestor_store.influx.queries.event_reader import EventReader
from ha_ingestor_store.influx.queries.record_reader import RecordReader
from ha_ingestor_store.influx.queries.records import service_metrics_point, weather_observation
from ha_ingestor_store.influx.reading.oldest import oldest_ns
from ha_ingestor_store.influx.schema import EVENTS, MAX_TIME_NS, SERVICE_METRICS, WEATHER
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.points import (
    EventPoint,
    WeatherObservation,
    oldest_first,
    weather_oldest_first,
)

Range = tuple[int, int]
Size = Callable[[int, int], Awaitable[int]]

_FIRST_LENGTH_NS = 60 * NS_PER_S
_GROWTH = 4


class Exports:
    """`Exporter` of an InfluxDB; remembers how long a range held a page, so that the next one is found at once."""

    def __init__(self, events: EventReader, records: RecordReader, influxql: InfluxQl, clock: Clock) -> None:
        self._events = events
        self._records = records
        self._influxql = influxql
        self._queries = RecordQueries("")
        self._clock = clock
        self._lengths: dict[str, int] = {}

    async def export_events(self, after_ns: int | None, limit: int) -> list[EventPoint]:
        """Return events by their time, then by their tags."""
        found = await self._range(EVENTS, after_ns, limit)
        if not found:
            return []
        rows = [row async for row in self._points(EVENTS, *found)]
        return sorted(await self._events.whole_events(rows), key=oldest_first)

    async def export_service_metrics(self, after_ns: int | None, limit: int) -> list[ServiceMetricsPoint]:
        """Return reports by their time, service and instance; one without any field that is known here is left out."""
        while found := await self._range(SERVICE_METRICS, after_ns, limit):
            points = [_report(row) async for row in self._points(SERVICE_METRICS, *found)]
            reports = [point for point in points if point.counters or point.levels]
            if reports:
                return sorted(reports, key=lambda point: (point.time_ns, point.service, point.instance))
            after_ns = found[1] - 1
        return []

    async def export_weather(self, after_ns: int | None, limit: int) -> list[WeatherObservation]:
        """Return observations of the weather by their time, home and source."""
        found = await self._range(WEATHER, after_ns, limit)
        if not found:
            return []
        points = [weather_observation(row.values, row.time_ns) async for row in self._points(WEATHER, *found)]
        return sorted((point for point in points if point is not None), key=weather_oldest_first)

    async def _points(self, measurement: str, start_ns: int, end_ns: int) -> AsyncIterator[Row]:
        async for rows in self._influxql.stream(self._queries.whole_points(measurement, start_ns, end_ns)):
            for row in rows:
                yield row

    async def _range(self, measurement: str, after_ns: int | None, limit: int, unit_ns: int = 1) -> Range | None:
        """The range of the next page, of whole units of time; None at the end."""
        if after_ns is None:
            found_ns = await oldest_ns(partial(self._records.first_ns, measurement), self._clock.now_ns())
            if found_ns is None:
                return None
            after_ns = found_ns - unit_ns

        async def size(start: int, end: int) -> int:
            rows = await self._influxql(self._queries.size(measurement, start * unit_ns, end * unit_ns))
            return max((count for row in rows for count in row.values.values() if count), default=0)

        length = max(1, self._lengths.get(measurement, _FIRST_LENGTH_NS) // unit_ns)
        found = await next_range(after_ns // unit_ns + 1, MAX_TIME_NS // unit_ns, limit, length, size)
        if found is None:
            return None
        start_ns, end_ns = found[0] * unit_ns, found[1] * unit_ns
        self._lengths[measurement] = end_ns - start_ns
        return start_ns, end_ns


async def next_range(start: int, end: int, limit: int, length: int, size: Size) -> Range | None:
    """The next range that holds some points, and about `limit` at most; None where no more come before `end`.

    It holds more only where one unit of time does, and is well filled unless a longer one would hold too many.
    """
    too_long: int | None = None
    while start < end:
        stop = min(start + max(length, 1), end)
        held = await size(start, stop)
        if held > limit and stop - start > 1:
            too_long = stop
            length = (stop - start) // 2
        elif held and (held * _GROWTH > limit or stop == end or too_long is not None):
            return start, stop
        elif held:
            length = (stop - start) * _GROWTH
        else:
            start = stop
            length = (too_long - stop + 1) // 2 if too_long is not None else length * _GROWTH
    return None


def _report(row: Row) -> ServiceMetricsPoint:
    service, instance = decode_tag(row.values["service"]), decode_tag(row.values.get("instance") or "")
    return service_metrics_point(row.values, service, instance, row.time_ns)
