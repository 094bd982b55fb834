"""Counts and sums read from InfluxDB, over raw points and rollups: by tags, by window, by service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ha_ingestor_store.influx.influxql.client import Ask, Row
from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.influxql.window_queries import WindowQueries
from ha_ingestor_store.influx.queries.event_reader import entity_of
from ha_ingestor_store.influx.queries.rows import Counted, EntityTime, FieldRow, WindowSums
from ha_ingestor_store.influx.schema import COUNT
from ha_ingestor_store.influx.tags import decode_tag


class WindowReader:
    """Reads counts and sums, a round trip each. All raise StoreUnavailableError and StoreRefusedError."""

    def __init__(self, ask: Ask, rollups: str) -> None:
        self._ask = ask
        self._windows = WindowQueries(rollups)

    async def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Iterable[Counted]:
        """Return the sums of `count` by these tags, for each part or for all together."""
        rows = await self._ask(self._windows.counts(parts, by))
        return [Counted(tuple(_tag(row.tags, tag) for tag in by), round(row.values[COUNT])) for row in rows]

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> Iterable[tuple[int, int]]:
        """Return (a time in the window, its sum of `count`) for each part; windows without any may be left out."""
        rows = await self._ask(self._windows.window_counts(parts, window_ns))
        return [(row.time_ns, round(row.values[COUNT])) for row in rows]

    async def window_sums(
        self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]
    ) -> Iterable[WindowSums]:
        """Return the sums of fields, and the highest of HIGHEST_LEVELS, by window and tags, without empty ones."""
        rows = await self._ask(self._windows.window_sums(part, window_ns, by, fields))
        return [WindowSums(row.time_ns, tuple(_tag(row.tags, tag) for tag in by), _numbers(row.values)) for row in rows]

    async def last_windows(self, part: Part) -> Iterable[EntityTime]:
        """Return the newest window of a rollup of entities that holds state changes, for each of them."""
        return _entity_times(await self._ask(self._windows.last_windows(part)))

    async def changed_windows(
        self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int
    ) -> Iterable[EntityTime]:
        """Return the windows in which these entities changed."""
        return _entity_times(await self._ask(self._windows.changed_windows(parts, entity_ids, window_ns)))

    async def service_sums(
        self, parts: Sequence[Part], names: tuple[str, ...], service: str | None
    ) -> dict[str, dict[str, float]]:
        """Return the sums of these metrics over the parts, by service and metric, of one service or of all."""
        sums: dict[str, dict[str, float]] = {}
        for row in await self._ask(self._windows.service_sums(parts, names, service)):
            known = sums.setdefault(decode_tag(row.tags["service"]), {})
            for name, value in _numbers(row.values).items():
                known[name] = known.get(name, 0) + value
        return sums

    async def level_means(self, service: str, start_ns: int, end_ns: int) -> dict[str, float]:
        """Return the means of a service's levels over a range, of all its instances together."""
        rows = await self._ask(self._windows.level_means(service, start_ns, end_ns))
        return {name: value for row in rows for name, value in _numbers(row.values).items()}

    async def service_windows(
        self, service: str, name: str, parts: Sequence[Part], window_ns: int, *, is_summed: bool
    ) -> Iterable[tuple[int, float]]:
        """Return (a time in the window, the sum or the mean of a metric there) for each part."""
        asked = self._windows.service_windows(service, name, parts, window_ns, is_summed=is_summed)
        return [(row.time_ns, float(row.values["metric"])) for row in await self._ask(asked)]

    async def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> list[FieldRow]:
        """Return the newest value of every field of every instance in a range."""
        return list(_fields(await self._ask(self._windows.newest_reports(start_ns, end_ns, service))))


def _entity_times(rows: Iterable[Row]) -> list[EntityTime]:
    return [EntityTime(*entity_of(row), row.time_ns) for row in rows if row.tags["entity_id"]]


def _fields(rows: Iterable[Row]) -> Iterator[FieldRow]:
    for row in rows:
        service, instance = decode_tag(row.tags["service"]), decode_tag(row.tags["instance"])
        for name, value in _numbers(row.values).items():
            yield FieldRow(service, instance, name, row.time_ns, value)


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _tag(tags: dict[str, str], name: str) -> str | None:
    value = tags.get(name, "")
    return decode_tag(value) if value else None
