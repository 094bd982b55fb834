"""influxdb-client on InfluxDB 2.x: the client for custom queries, and statistics over a `query_api` of the caller's.

influxdb-client is imported on first use, since most homes have no InfluxDB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.queries.rows import Counted, FieldRow
from ha_ingestor_store.influx.reading.reader import InfluxReader
from ha_ingestor_store.influx.schema import COUNT, LEVEL_METRICS, SERVICE_METRICS, SUMMED_METRICS
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.store import StoreReader

if TYPE_CHECKING:
    from ha_ingestor_store.influx.database import Database
    from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

Values = Mapping[str, Any]
_ESCAPES = {'"': '\\"', "\\": "\\\\", "$": "\\x24"}
"""The lexer of 2.x reads a `$` together with the backslash behind it."""


class QueryApi(Protocol):
    """What is needed of influxdb-client's asynchronous `query_api`."""

    async def query(self, query: str) -> Iterable[Any]:
        """Return tables with `records`, each with `values`."""
        ...


def open_client(settings: InfluxSettings) -> InfluxDBClientAsync:
    """Return a client of influxdb-client for these settings; the caller closes it."""
    from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

    return InfluxDBClientAsync(
        settings.url,
        token=settings.token,
        org=settings.org,
        timeout=round(settings.timeout_s * 1000),
        ssl_context=settings.tls.context(),
    )


def reader_over(query_api: QueryApi, settings: InfluxSettings) -> StoreReader:
    """Return a reader of statistics that queries raw points with `query_api`, without rollups."""
    return InfluxReader(cast("Database", FluxStatistics(query_api, settings)))


class FluxStatistics:
    """The part of `Database` that statistics need, over raw points in Flux."""

    def __init__(self, query_api: QueryApi, settings: InfluxSettings) -> None:
        self._query_api = query_api
        self._settings = settings

    async def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> list[Counted]:
        """Return the sums of `count` by these tags."""
        summed = f"{_fields(COUNT)}{_group(by)} |> sum()"
        rows = [row for part in parts for row in await self._ask(part.measurement, part.start_ns, part.end_ns, summed)]
        return [Counted(tuple(row.get(tag) for tag in by), round(row["_value"])) for row in rows]

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> list[tuple[int, int]]:
        """Return the start of each window, and its sum of `count`."""
        every = f'every: {window_ns // 60_000_000_000}m, fn: sum, createEmpty: false, timeSrc: "_start"'
        windows = f"{_fields(COUNT)}{_group(())} |> aggregateWindow({every})"
        rows = [row for part in parts for row in await self._ask(part.measurement, part.start_ns, part.end_ns, windows)]
        return [(datetime_to_ns(row["_time"]), round(row["_value"])) for row in rows]

    async def service_sums(
        self, parts: Sequence[Part], names: tuple[str, ...], service: str | None
    ) -> dict[str, dict[str, float]]:
        """Return the sums of these metrics by service and metric."""
        sums: dict[str, dict[str, float]] = {}
        summed = f"{_fields(*names)}{_of(service)}{_group(('service', '_field'))} |> sum()"
        for part in parts:
            for row in await self._ask(part.measurement, part.start_ns, part.end_ns, summed):
                known = sums.setdefault(row["service"], {})
                known[row["_field"]] = known.get(row["_field"], 0.0) + row["_value"]
        return sums

    async def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> list[FieldRow]:
        """Return the newest value of every field of every instance."""
        newest = f"{_fields(*SUMMED_METRICS, *LEVEL_METRICS)}{_of(service)} |> last()"
        return [
            FieldRow(
                row["service"],
                row.get("instance") or "",
                row["_field"],
                datetime_to_ns(row["_time"]),
                float(row["_value"]),
            )
            for row in await self._ask(SERVICE_METRICS, start_ns, end_ns, newest)
        ]

    async def level_means(self, service: str, start_ns: int, end_ns: int) -> dict[str, float]:
        """Return the means of a service's levels."""
        means = f"{_fields(*LEVEL_METRICS)}{_of(service)}{_group(('_field',))} |> mean()"
        return {row["_field"]: row["_value"] for row in await self._ask(SERVICE_METRICS, start_ns, end_ns, means)}

    async def ping(self) -> None:
        """Return when a query is answered."""
        await self._ask(SERVICE_METRICS, 0, 1_000_000_000, " |> limit(n: 1)")

    async def _ask(self, measurement: str, start_ns: int, end_ns: int, steps: str) -> list[Values]:
        bucket = _string(self._settings.bucket)
        source = f"from(bucket: {bucket}) |> range(start: {_time(start_ns)}, stop: {_time(end_ns)})"
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                tables = await self._query_api.query(
                    f"{source} |> filter(fn: (r) => r._measurement == {_string(measurement)}){steps}"
                )
            return [record.values for table in tables for record in table.records]
        except Exception as err:  # whatever a `query_api` of the caller's raises
            reason = str(err) or type(err).__name__
            raise StoreUnavailableError(f"The query_api did not answer: {reason}") from err


def _string(value: str) -> str:
    return '"' + "".join(_ESCAPES.get(char, char) for char in value) + '"'


def _time(time_ns: int) -> str:
    return f"{datetime.fromtimestamp(time_ns // 1_000_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{time_ns % 1_000_000_000:09d}Z"


def _fields(*names: str) -> str:
    return f" |> filter(fn: (r) => {' or '.join(f'r._field == {_string(name)}' for name in names)})"


def _of(service: str | None) -> str:
    return "" if service is None else f" |> filter(fn: (r) => r.service == {_string(encode_tag(service))})"


def _group(tags: tuple[str, ...]) -> str:
    return f" |> group(columns: [{', '.join(map(_string, tags))}])" if tags else " |> group()"
