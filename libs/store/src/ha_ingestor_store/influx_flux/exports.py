"""Everything in an InfluxDB 2.x, range by range, asked in InfluxQL where that is there, else in Flux."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.reading.language import EventFilter, ExportLanguage
from ha_ingestor_store.influx.reading.records import service_metrics_point
from ha_ingestor_store.influx.schema import EVENTS, SERVICE_METRICS, WEATHER
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.influx_flux.literals import string, time
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.influx_flux.rows import Values, events_of, observations_of, points_of
from ha_ingestor_store.points import EventPoint, WeatherObservation

Ask = Callable[[str], Awaitable[Sequence[Values]]]


class FluxExports:
    """`ExportLanguage` of InfluxDB 2.x; `ask` answers Flux.

    Points that are exact cost Flux a function call a value: 2.7.12 tells them in InfluxQL about 18 times faster. So
    that is asked once it has counted the same as Flux. It does not where the server has no such language or maps the
    name to another bucket.
    """

    def __init__(self, ask: Ask, influxql: ExportLanguage, settings: InfluxSettings) -> None:
        self._ask = ask
        self._influxql = influxql
        self._bucket = settings.bucket
        self._queries = Queries(settings.bucket, settings.rollups_bucket)
        self._counts_alike: bool | None = None

    async def size(self, measurement: str, start_ns: int, end_ns: int) -> int:
        """See ExportLanguage.size."""
        if self._counts_alike:
            return await self._influxql.size(measurement, start_ns, end_ns)
        held = await self._size(measurement, start_ns, end_ns)
        if held and self._counts_alike is None:
            self._counts_alike = await self._influxql_size(measurement, start_ns, end_ns) == held
        return held

    async def events(self, start_ns: int, end_ns: int) -> list[EventPoint]:
        """See ExportLanguage.events."""
        if self._counts_alike:
            return await self._influxql.events(start_ns, end_ns)
        return list(events_of(await self._ask(self._queries.events(EventFilter(), start_ns, end_ns))))

    async def reports(self, start_ns: int, end_ns: int) -> list[ServiceMetricsPoint]:
        """See ExportLanguage.reports."""
        if self._counts_alike:
            return await self._influxql.reports(start_ns, end_ns)
        rows = await self._ask(whole_points(self._bucket, SERVICE_METRICS, start_ns, end_ns))
        return [
            service_metrics_point(each, decode_tag(each["service"]), decode_tag(each["instance"] or ""), each["_time"])
            for each in points_of(rows, ("service", "instance"))
        ]

    async def weather(self, start_ns: int, end_ns: int) -> list[WeatherObservation]:
        """See ExportLanguage.weather."""
        if self._counts_alike:
            return await self._influxql.weather(start_ns, end_ns)
        return observations_of(await self._ask(whole_points(self._bucket, WEATHER, start_ns, end_ns)))

    async def _size(self, measurement: str, start_ns: int, end_ns: int) -> int:
        if measurement == EVENTS:
            rows = await self._ask(self._queries.event_counts(EventFilter(), [(start_ns, end_ns)]))
            return sum(row["_value"] for row in rows)
        rows = await self._ask(sizes(self._bucket, measurement, start_ns, end_ns))
        return max((row["_value"] for row in rows), default=0)

    async def _influxql_size(self, measurement: str, start_ns: int, end_ns: int) -> int | None:
        """What InfluxQL counts; None where it is refused."""
        try:
            return await self._influxql.size(measurement, start_ns, end_ns)
        except StoreRefusedError:
            return None


def database_of(bucket: str) -> dict[str, str]:
    """What InfluxQL of 2.x calls a bucket that nobody has mapped: `name/policy`, or a name alone."""
    database, _, policy = bucket.partition("/")
    return {"db": database, "rp": policy or "autogen"}


def sizes(bucket: str, measurement: str, start_ns: int, end_ns: int) -> str:
    """How many values each field of a measurement has: pushed down to storage, then added up over the series."""
    return f'{_source(bucket, measurement, start_ns, end_ns)} |> count() |> group(columns: ["_field"]) |> sum()'


def whole_points(bucket: str, measurement: str, start_ns: int, end_ns: int) -> str:
    """Whole points, a row a field: times as integers and values as JSON, as in queries.py."""
    exact = "map(fn: (r) => ({r with _time: int(v: r._time), _value: string(v: json.encode(v: r._value))}))"
    source = _source(bucket, measurement, start_ns, end_ns)
    return f'import "json"\n{source} |> drop(columns: ["_start", "_stop", "_measurement"]) |> {exact} |> group()'


def _source(bucket: str, measurement: str, start_ns: int, end_ns: int) -> str:
    return (
        f"from(bucket: {string(bucket)}) |> range(start: {time(start_ns)}, stop: {time(end_ns)})"
        f" |> filter(fn: (r) => r._measurement == {string(measurement)})"
    )
