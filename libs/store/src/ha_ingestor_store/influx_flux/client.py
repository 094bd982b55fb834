"""The dialect's connection: Flux asked through influxdb-client, its tables read into rows of ours."""

from __future__ import annotations

import asyncio
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.clock import datetime_to_ns
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import Gap
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync

from ha_ingestor_store.answers import HistoryPoint, KnownEntity
from ha_ingestor_store.influx.reading.language import (
    Counted,
    DialectCapabilities,
    Entity,
    EntityTime,
    EventFilter,
    FieldRow,
    Head,
    Part,
    WindowSums,
)
from ha_ingestor_store.influx.reading.records import alert, gap, known_entity, series_key
from ha_ingestor_store.influx.reading.time_slices import newest_range
from ha_ingestor_store.influx.schema import EVENT_TAGS, EVENTS
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.tags import decode_tag, encode_tag
from ha_ingestor_store.influx.writing.batch_writer import WriteTarget
from ha_ingestor_store.influx_flux.administration import FluxAdministrator
from ha_ingestor_store.influx_flux.capabilities import CAPABILITIES
from ha_ingestor_store.influx_flux.errors import translated
from ha_ingestor_store.influx_flux.exports import FluxExports, database_of
from ha_ingestor_store.influx_flux.literals import time
from ha_ingestor_store.influx_flux.queries import PARTS, Queries
from ha_ingestor_store.influx_flux.rows import Values, events_of, history_points, observations_of, points_of, value_of
from ha_ingestor_store.influx_influxql.asking import InfluxQl
from ha_ingestor_store.influx_influxql.exports import InfluxQlExports
from ha_ingestor_store.points import EventPoint, SeriesKey, WeatherObservation
from ha_ingestor_store.questions import Homes
from ha_ingestor_store.renames import Rename
from ha_ingestor_store.silent_entities import LastChange

# A text of 1 MiB, in which JSON may make six characters of one; beyond the limit of 128 KiB that Python sets, a single
# long text would make every answer that holds it unreadable. It is the whole process's, and nobody else reads CSV.
csv.field_size_limit(8 * 1024 * 1024)


class QueryApi(Protocol):
    """What is needed of influxdb-client's asynchronous `query_api`."""

    async def query(self, query: str) -> Iterable[Any]:
        """Tables with `records`, each with `values`."""
        ...


class FluxLanguage:
    """`Language` of InfluxDB 2.x over a `query_api`."""

    def __init__(self, query_api: QueryApi, settings: InfluxSettings) -> None:
        self._query_api = query_api
        self._url = settings.url
        self._timeout_s = settings.timeout_s
        self._queries = Queries(settings.bucket, settings.rollups_bucket)

    async def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Iterable[Counted]:
        """See Language.counts."""
        rows = await self._ask(self._queries.counts(parts, by)) if parts else []
        return [Counted(tuple(_tag(row.get(tag)) for tag in by), round(row["_value"])) for row in rows]

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> Iterable[tuple[int, int]]:
        """See Language.window_counts."""
        rows = await self._ask(self._queries.window_counts(parts, window_ns)) if parts else []
        return [(_time_ns(row), round(row["_value"])) for row in rows]

    async def window_sums(
        self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]
    ) -> Iterable[WindowSums]:
        """See Language.window_sums."""
        found: dict[tuple[int, tuple[str | None, ...]], dict[str, float]] = defaultdict(dict)
        for row in await self._ask(self._queries.window_sums(part, window_ns, by, fields)):
            tags = tuple(_tag(row.get(tag)) for tag in by)
            found[_time_ns(row), tags][row["_field"]] = float(row["_value"])
        return [WindowSums(start_ns, tags, sums) for (start_ns, tags), sums in found.items()]

    async def newest_events(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> list[EventPoint]:
        """See Language.newest_events: first where the newest are, by counts, then those alone."""

        async def counts(ranges: Sequence[tuple[int, int]]) -> list[int]:
            return await self.event_counts(wanted, ranges)

        async def times(start_ns: int, end_ns: int) -> list[int]:
            rows = await self._ask(self._queries.event_times(wanted, start_ns, end_ns))
            return [row["_time"] for row in rows]

        found = await newest_range(start_ns, end_ns, limit, counts=counts, times=times)
        if found is None:
            return []
        if wanted.area is not None:
            return await self._events_of_area(wanted, *found)
        return list(events_of(await self._ask(self._queries.events(wanted, *found))))

    async def events_at(self, wanted: EventFilter, time_ns: int) -> int:
        """See Language.events_at."""
        return (await self.event_counts(wanted, [(time_ns, time_ns + 1)]))[0]

    async def event_counts(self, wanted: EventFilter, ranges: Sequence[tuple[int, int]]) -> list[int]:
        """See Language.event_counts."""
        return await self._range_counts(self._queries.event_counts(wanted, ranges), len(ranges))

    async def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int) -> list[HistoryPoint]:
        """See Language.states."""
        if start_ns >= end_ns:
            return []
        rows = await self._ask(self._queries.states(entity, start_ns, end_ns, limit))
        return history_points(rows)[:limit]

    async def last_state(self, entity: Entity, start_ns: int, end_ns: int) -> HistoryPoint | None:
        """See Language.last_state."""
        if start_ns >= end_ns:
            return None
        points = history_points(await self._ask(self._queries.states(entity, start_ns, end_ns, 1, newest_first=True)))
        return points[-1] if points else None

    async def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> str | None:
        """See Language.last_unit."""
        rows = await self._ask(self._queries.last_unit(entity, start_ns, end_ns)) if start_ns < end_ns else []
        newest = max(rows, key=lambda row: int(row["_time"]), default=None)
        return None if newest is None else value_of(newest)

    async def known_entities(
        self, entity_id: str | None, homes: Homes, start_ns: int, end_ns: int
    ) -> Iterable[KnownEntity]:
        """See Language.known_entities; a field that the newest state change has not is older than it."""
        if start_ns >= end_ns:
            return []
        rows = await self._ask(self._queries.known_entities(entity_id, homes, start_ns, end_ns))
        points = (point for point in points_of(rows, EVENT_TAGS) if "removed" in point and point["entity_id"])
        return [known_entity(point, *_entity(point), point["_time"]) for point in points]

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        """See Language.heads."""
        return _heads(await self._ask(self._queries.heads(start_ns, end_ns)))

    async def keys(self, entity_ids: Sequence[str] | None, start_ns: int, end_ns: int) -> Iterable[Head]:
        """See Language.keys."""
        return _heads(await self._ask(self._queries.keys(entity_ids, start_ns, end_ns)))

    async def entity_heads(
        self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None = None
    ) -> Iterable[LastChange]:
        """See Language.entity_heads."""
        rows = await self._ask(self._queries.entity_heads(start_ns, end_ns, entity_ids))
        return [LastChange(*_entity(row), row["_time"], row["_value"]) for row in rows if row.get("entity_id")]

    async def last_windows(self, part: Part) -> Iterable[EntityTime]:
        """See Language.last_windows."""
        rows = await self._ask(self._queries.last_windows(part))
        return [EntityTime(*_entity(row), row["_time"]) for row in rows if row.get("entity_id")]

    async def changed_windows(
        self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int
    ) -> Iterable[EntityTime]:
        """See Language.changed_windows."""
        rows = await self._ask(self._queries.changed_windows(parts, entity_ids, window_ns)) if parts else []
        return [EntityTime(*_entity(row), _time_ns(row)) for row in rows]

    async def last_signs(self, start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """See Language.last_signs."""
        rows = await self._ask(self._queries.last_signs(start_ns, end_ns))
        return [EntityTime(*_entity(row), row["_time"], row["_value"]) for row in rows]

    async def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """See Language.signs."""
        rows = await self._ask(self._queries.signs(entity_ids, start_ns, end_ns))
        return [EntityTime(*_entity(row), row["_time"], row["_value"]) for row in rows]

    async def renames(self) -> Iterable[Rename]:
        """See Language.renames."""
        return [Rename(*_entity(row), value_of(row), row["_time"]) for row in await self._ask(self._queries.renames())]

    async def service_sums(
        self, parts: Sequence[Part], names: tuple[str, ...], service: str | None
    ) -> dict[str, dict[str, float]]:
        """See Language.service_sums."""
        rows = await self._ask(self._queries.service_sums(parts, names, service)) if parts else []
        sums: dict[str, dict[str, float]] = {}
        for row in rows:
            known = sums.setdefault(decode_tag(row["service"]), {})
            known[row["_field"]] = known.get(row["_field"], 0) + row["_value"]
        return sums

    async def level_means(self, service: str, start_ns: int, end_ns: int) -> dict[str, float]:
        """See Language.level_means."""
        rows = await self._ask(self._queries.level_means(service, start_ns, end_ns))
        return {row["_field"]: row["_value"] for row in rows}

    async def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> Iterable[tuple[int, float]]:
        """See Language.service_windows."""
        text = self._queries.service_windows(service, name, parts, window_ns, is_summed=is_summed)
        return [(_time_ns(row), float(row["_value"])) for row in (await self._ask(text) if parts else [])]

    async def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> list[FieldRow]:
        """See Language.newest_reports."""
        return list(map(_field, await self._ask(self._queries.newest_reports(start_ns, end_ns, service))))

    async def weather(self, start_ns: int, end_ns: int, limit: int) -> list[WeatherObservation]:
        """See Language.weather."""
        if start_ns >= end_ns:
            return []
        return observations_of(await self._ask(self._queries.weather(start_ns, end_ns, limit)))

    async def gaps(self, start_ns: int, end_ns: int, home: str | None, *, reaching_ns: int | None) -> list[Gap]:
        """See Language.gaps."""
        if start_ns >= end_ns:
            return []
        rows = await self._ask(self._queries.gaps(start_ns, end_ns, home, reaching_ns))
        return [gap(row, row["_time"]) for row in rows]

    async def open_gaps(self, home: str | None) -> int:
        """See Language.open_gaps."""
        return sum(row["_value"] for row in await self._ask(self._queries.open_gaps(home)))

    async def alerts(self, start_ns: int, end_ns: int, rule: str | None, *, reaching_ns: int | None) -> list[Alert]:
        """See Language.alerts."""
        if start_ns >= end_ns:
            return []
        rows = await self._ask(self._queries.alerts(start_ns, end_ns, rule, reaching_ns))
        return [alert(row, row["_time"]) for row in rows]

    async def progress(self) -> dict[str, str]:
        """See Language.progress."""
        return {decode_tag(row["owner"]): row["_value"] for row in await self._ask(self._queries.progress())}

    async def first_ns(self, measurement: str, start_ns: int, end_ns: int) -> int | None:
        """See Language.first_ns."""
        rows = await self._ask(self._queries.first(measurement, start_ns, end_ns))
        return min((row["_time"] for row in rows), default=None)

    async def ping(self) -> None:
        """See Language.ping."""
        await self._ask(self._queries.nothing())

    async def _events_of_area(self, wanted: EventFilter, start_ns: int, end_ns: int) -> list[EventPoint]:
        """The events of an area in a range: a row holds one field, so first whose they are, and then these whole."""
        rows = await self._ask(self._queries.event_times(wanted, start_ns, end_ns))
        if not rows:
            return []
        entity_ids = sorted({decode_tag(row.get("entity_id") or "") for row in rows})
        whose = None if "" in entity_ids else entity_ids
        oldest_ns = min(row["_time"] for row in rows)
        points = events_of(await self._ask(self._queries.events(wanted, oldest_ns, end_ns, whose)))
        return [point for point in points if point.area == wanted.area]

    async def _range_counts(self, text: str, ranges: int) -> list[int]:
        counts = [0] * ranges
        for row in await self._ask(text):
            at = int(row["result"].removeprefix(PARTS)) if ranges > 1 else 0
            counts[at] += row["_value"]
        return counts

    async def _ask(self, text: str) -> list[Values]:
        with translated(self._url):
            async with asyncio.timeout(self._timeout_s):
                tables = await self._query_api.query(text)
            return [record.values for table in tables for record in table.records]


def open_client(settings: InfluxSettings) -> InfluxDBClientAsync:
    """Return influxdb-client's asynchronous client."""
    return InfluxDBClientAsync(
        settings.url,
        token=settings.token,
        org=settings.org,
        timeout=round(settings.timeout_s * 1000),
        ssl_context=settings.tls.context(),
    )


class FluxDialect(FluxLanguage):
    """`Dialect` of InfluxDB 2.x."""

    def __init__(self, server: Server, settings: InfluxSettings) -> None:
        self.client = open_client(settings)
        self.query_api = self.client.query_api()
        super().__init__(self.query_api, settings)
        self._server = server
        self._settings = settings
        self._headers = {"Authorization": f"Token {settings.write_token or settings.token}"}
        influxql = InfluxQl(
            server,
            database_of(settings.bucket),
            headers={"Authorization": f"Token {settings.token}"},
            write_headers=self._headers,
        )
        self.exports = FluxExports(self._ask, InfluxQlExports(influxql), settings)
        self.administrator = FluxAdministrator(server, settings, self._ask)

    @property
    def capabilities(self) -> DialectCapabilities:
        """What this dialect can do."""
        return CAPABILITIES

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """See Dialect.write_target."""
        bucket = self._settings.rollups_bucket if rollups else self._settings.bucket
        params = {"org": self._settings.org, "bucket": bucket, "precision": "ns"}
        return WriteTarget(path="/api/v2/write", params=params, headers=self._headers, name=f"bucket {bucket}")

    async def settle(self) -> None:
        """See Dialect.settle; a bucket is what it is called."""

    async def delete_event(self, key: SeriesKey, time_ns: int) -> None:
        """See Dialect.delete_event."""
        tags = {name: value for name, value in zip(EVENT_TAGS, key, strict=True) if value is not None}
        same = [f"{name}={_predicate_string(value)}" for name, value in {"_measurement": EVENTS, **tags}.items()]
        body = {"start": time(time_ns), "stop": time(time_ns), "predicate": " AND ".join(same)}
        target = self.write_target(rollups=False)
        params = {name: value for name, value in target.params.items() if name != "precision"}
        answer = await self._server.request(
            "POST", "/api/v2/delete", params=params, headers=_json(self._headers), body=msgspec.json.encode(body)
        )
        self._server.raise_for(answer, f"deleting from {target.name}")

    async def close(self) -> None:
        """Let go of influxdb-client's connections."""
        await self.client.close()  # type: ignore[no-untyped-call]


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Content-Type": "application/json"}


def _predicate_string(value: str) -> str:
    """A value of a delete predicate; a kept tag holds no backslash, and a quote is doubled by one."""
    return '"' + encode_tag(value).replace('"', '\\"') + '"'


def _time_ns(row: Values) -> int:
    """The time of a window, which the client's microseconds are exact enough for."""
    moment: datetime = row["_time"]
    return datetime_to_ns(moment)


def _tag(value: str | None) -> str | None:
    return decode_tag(value) if value else None


def _entity(row: Values) -> tuple[str, str]:
    return decode_tag(row["home"]), decode_tag(row["entity_id"])


def _heads(rows: Iterable[Values]) -> Iterator[Head]:
    for row in rows:
        yield Head(series_key(row), row["_time"], OriginKind(row["_value"]))


def _field(row: Values) -> FieldRow:
    service, instance = decode_tag(row["service"]), decode_tag(row.get("instance") or "")
    return FieldRow(service, instance, row["_field"], row["_time"], float(row["_value"]))
