"""Flux of a copy to the letter, and when InfluxQL is asked in its place."""

from __future__ import annotations

import pytest
from ha_ingestor_core.errors import IngestorError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_flux.exports import FluxExports, database_of, sizes, whole_points
from ha_ingestor_store.influx_flux.rows import Values
from ha_ingestor_store.points import EventPoint, WeatherObservation

START, END = 1_795_478_400_123_456_789, 1_795_482_000_000_000_001
SOURCE = (
    'from(bucket: "b") |> range(start: 2026-11-24T00:00:00.123456789Z, stop: 2026-11-24T01:00:00.000000001Z)'
    ' |> filter(fn: (r) => r._measurement == "m")'
)


def test_sizes_are_counted_by_storage_before_they_are_added_up() -> None:
    assert sizes("b", "m", START, END) == f'{SOURCE} |> count() |> group(columns: ["_field"]) |> sum()'


def test_whole_points_are_exact() -> None:
    assert whole_points("b", "m", START, END) == (
        f'import "json"\n{SOURCE} |> drop(columns: ["_start", "_stop", "_measurement"])'
        " |> map(fn: (r) => ({r with _time: int(v: r._time), _value: string(v: json.encode(v: r._value))})) |> group()"
    )


class FakeInfluxQl:
    """Counts so many of everything, or raises what it is told to."""

    def __init__(self, count: int = 0, error: IngestorError | None = None) -> None:
        self.count = count
        self.error = error

    async def size(self, measurement: str, start_ns: int, end_ns: int) -> int:
        if self.error:
            raise self.error
        return self.count

    async def events(self, start_ns: int, end_ns: int) -> list[EventPoint]:
        return [EventPoint("home", "told in InfluxQL", start_ns)]

    async def reports(self, start_ns: int, end_ns: int) -> list[ServiceMetricsPoint]:
        raise AssertionError

    async def weather(self, start_ns: int, end_ns: int) -> list[WeatherObservation]:
        raise AssertionError


async def flux(text: str) -> list[Values]:
    """A bucket with three events, of which one is told."""
    if "count()" in text:
        return [{"_value": 3}]
    tags = {"home": "home", "event_type": "told in Flux", "_time": START}
    return [{**tags, "_field": "count", "_value": "1"}]


async def told_in(influxql: FakeInfluxQl) -> tuple[int, str]:
    exports = FluxExports(flux, influxql, InfluxSettings(url="http://influx", bucket="b"))
    size = await exports.size("home_assistant_events", START, END)
    (event,) = await exports.events(START, END)
    return size, event.event_type


async def test_events_are_told_in_influxql_where_it_counts_as_flux_does() -> None:
    assert await told_in(FakeInfluxQl(count=3)) == (3, "told in InfluxQL")


async def test_another_bucket_under_the_same_name_is_not_read() -> None:
    assert await told_in(FakeInfluxQl(count=2)) == (3, "told in Flux")


async def test_a_server_without_influxql_is_read_in_flux() -> None:
    assert await told_in(FakeInfluxQl(error=StoreRefusedError("database not found: b"))) == (3, "told in Flux")


async def test_a_server_that_is_away_is_not_taken_for_one_without_influxql() -> None:
    with pytest.raises(StoreUnavailableError):
        await told_in(FakeInfluxQl(error=StoreUnavailableError("away")))


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [("mine", {"db": "mine", "rp": "autogen"}), ("mine/year", {"db": "mine", "rp": "year"})],
)
def test_a_bucket_is_named_as_influxql_names_it(bucket: str, expected: dict[str, str]) -> None:
    assert database_of(bucket) == expected
