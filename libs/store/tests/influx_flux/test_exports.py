"""Flux of a copy to the letter."""

from __future__ import annotations

from ha_ingestor_store.influx_flux.exports import sizes, whole_points

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
