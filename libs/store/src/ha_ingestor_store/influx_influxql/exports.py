"""Everything in an InfluxDB, range by range, asked in InfluxQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store.influx.reading.records import event_point, service_metrics_point, weather_observation
from ha_ingestor_store.influx.schema import COUNT, EVENTS, SERVICE_METRICS, WEATHER
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.influx_influxql.asking import Row
from ha_ingestor_store.influx_influxql.queries import Question, identifier
from ha_ingestor_store.points import EventPoint, WeatherObservation

Ask = Callable[[Question], Awaitable[list[Row]]]


class InfluxQlExports:
    """`ExportLanguage` in InfluxQL; `ask` answers InfluxQL."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def size(self, measurement: str, start_ns: int, end_ns: int) -> int:
        """See ExportLanguage.size."""
        rows = await self._ask(sizes(measurement, start_ns, end_ns))
        return max((count for row in rows for count in row.values.values() if count), default=0)

    async def events(self, start_ns: int, end_ns: int) -> list[EventPoint]:
        """See ExportLanguage.events."""
        rows = await self._ask(whole_points(EVENTS, start_ns, end_ns))
        return [event_point(row.values, row.time_ns) for row in rows]

    async def reports(self, start_ns: int, end_ns: int) -> list[ServiceMetricsPoint]:
        """See ExportLanguage.reports."""
        rows = await self._ask(whole_points(SERVICE_METRICS, start_ns, end_ns))
        return [
            service_metrics_point(
                row.values, decode_tag(row.values["service"]), decode_tag(row.values.get("instance") or ""), row.time_ns
            )
            for row in rows
        ]

    async def weather(self, start_ns: int, end_ns: int) -> list[WeatherObservation]:
        """See ExportLanguage.weather."""
        rows = await self._ask(whole_points(WEATHER, start_ns, end_ns))
        return [each for row in rows if (each := weather_observation(row.values, row.time_ns))]


def sizes(measurement: str, start_ns: int, end_ns: int) -> Question:
    """How many values each field has; of events the one that all have, which is cheaper."""
    counted = identifier(COUNT) if measurement == EVENTS else "*"
    return Question(f"SELECT count({counted}) FROM {_range(measurement, start_ns, end_ns)}")


def whole_points(measurement: str, start_ns: int, end_ns: int) -> Question:
    """Whole points, oldest first."""
    return Question(f"SELECT * FROM {_range(measurement, start_ns, end_ns)}")


def _range(measurement: str, start_ns: int, end_ns: int) -> str:
    return f"{identifier(measurement)} WHERE time >= {start_ns} AND time < {end_ns}"
