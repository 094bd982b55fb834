"""The weather in metric units."""

from __future__ import annotations

import pytest
from enrichment_pipeline.weather.units import bearing_degrees, celsius, hectopascals, kilometres_per_hour, number


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (21.5, "°C", 21.5),
        (-40, "°F", -40.0),
        (70, "°F", 21.11),
        (300, "K", 26.85),
        ("70", "°F", 21.11),
        (21.5, None, None),
        (21.5, "degrees", None),
        (None, "°C", None),
    ],
)
def test_temperatures(value: object, unit: object, expected: float | None) -> None:
    assert celsius(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(1013, "hPa", 1013.0), (29.92, "inHg", 1013.21), (760, "mmHg", 1013.25), (101.3, "kPa", 1013.0), (1, [], None)],
)
def test_pressures(value: object, unit: object, expected: float | None) -> None:
    assert hectopascals(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(10, "km/h", 10.0), (10, "m/s", 36.0), (10, "mph", 16.09), (10, "kn", 18.52), (10, "ft/s", 10.97), (10, "", None)],
)
def test_speeds(value: object, unit: object, expected: float | None) -> None:
    assert kilometres_per_hour(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("N", 0.0), ("nnw", 337.5), (271.5, 271.5), ("90", 90.0), ("up", None), (None, None)]
)
def test_bearings(value: object, expected: float | None) -> None:
    assert bearing_degrees(value) == expected


@pytest.mark.parametrize("value", [True, "x", "nan", float("nan"), float("inf"), None, [], {}, "1_0"])
def test_what_is_no_number_is_none(value: object) -> None:
    assert number(value) is None
