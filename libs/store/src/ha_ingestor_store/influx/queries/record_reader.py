"""What is neither an event nor a count, read from InfluxDB: gaps, alerts, weather, signs of life, renames, progress."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.gaps import Gap

from ha_ingestor_store.influx.influxql.client import Ask, Row
from ha_ingestor_store.influx.influxql.record_queries import RecordQueries
from ha_ingestor_store.influx.queries.event_reader import entity_of
from ha_ingestor_store.influx.queries.records import alert, gap, weather_observation
from ha_ingestor_store.influx.queries.rows import EntityTime
from ha_ingestor_store.influx.schema import COUNT, SEEN
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.points import WeatherObservation
from ha_ingestor_store.renames import Rename


class RecordReader:
    """Reads records, a round trip each. All raise StoreUnavailableError and StoreRefusedError."""

    def __init__(self, ask: Ask, rollups: str) -> None:
        self._ask = ask
        self._records = RecordQueries(rollups)

    async def last_signs(self, start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """Return the newest sign of life of every entity, of the hours in a range; the number is its exact time."""
        return _signs(await self._ask(self._records.last_signs(start_ns, end_ns)))

    async def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> Iterable[EntityTime]:
        """Return the hours in a range in which these entities gave signs of life."""
        return _signs(await self._ask(self._records.signs(entity_ids, start_ns, end_ns)))

    async def renames(self) -> Iterable[Rename]:
        """Return all renames."""
        rows = await self._ask(self._records.renames())
        return [Rename(*entity_of(row), row.values["state"], row.time_ns) for row in rows]

    async def gaps(self, start_ns: int, end_ns: int, home: str | None, *, reaching_ns: int | None) -> list[Gap]:
        """Return the gaps that begin in a range and (unless None) end after `reaching_ns`, in any order."""
        rows = await self._ask(self._records.gaps(start_ns, end_ns, home, reaching_ns))
        return [gap(row.values, row.time_ns) for row in rows]

    async def open_gaps(self, home: str | None) -> int:
        """Return how many gaps are open."""
        return sum(row.values[COUNT] for row in await self._ask(self._records.open_gaps(home)))

    async def alerts(self, start_ns: int, end_ns: int, rule: str | None, *, reaching_ns: int | None) -> list[Alert]:
        """Return the alerts that begin in a range and (unless None) are active after `reaching_ns`, in any order."""
        rows = await self._ask(self._records.alerts(start_ns, end_ns, rule, reaching_ns))
        return [alert(row.values, row.time_ns) for row in rows]

    async def weather(self, start_ns: int, end_ns: int, limit: int) -> list[WeatherObservation]:
        """Return the newest `limit` observations of a range; those of the last one's nanosecond perhaps not all."""
        rows = await self._ask(self._records.weather(start_ns, end_ns, limit))
        observations = (weather_observation(row.values, row.time_ns) for row in rows)
        return [each for each in observations if each is not None]

    async def progress(self) -> dict[str, str]:
        """Return the texts of `rollup_progress` by their owner."""
        rows = await self._ask(self._records.progress())
        return {decode_tag(row.tags["owner"]): row.values["state"] for row in rows}

    async def first_ns(self, measurement: str, start_ns: int, end_ns: int) -> int | None:
        """Return the time of the first point of a measurement in [start, end); None where there is none."""
        rows = await self._ask(self._records.first(measurement, start_ns, end_ns))
        return next((row.time_ns for row in rows), None)


def _signs(rows: Iterable[Row]) -> list[EntityTime]:
    return [EntityTime(*entity_of(row), row.time_ns, row.values[SEEN]) for row in rows if row.tags["entity_id"]]
