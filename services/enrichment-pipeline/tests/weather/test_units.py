"""The weather in metric units."""

from __future__ import annotations

import msgspec
import pytest
from enrichment_pipeline.weather import units
from enrichment_pipeline.weather.units import bearing_degrees, celsius, hectopascals, kilometres_per_hour, number
from ha_ingestor_store.points import Weather


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


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("temperature_c", 71.0),
        ("temperature_c", -101.0),
        ("humidity_percent", 101.0),
        ("pressure_hpa", 33_423.0),
        ("pressure_hpa", 10.0),
        ("wind_speed_kmh", 501.0),
        ("wind_bearing_deg", -1.0),
    ],
)
def test_a_number_that_cannot_be_is_left_out_and_the_others_stay(field: str, wrong: float) -> None:
    right = Weather("sunny", 20.0, 50.0, 1013.0, 10.0, 90.0)
    found = units.plausible(msgspec.structs.replace(right, **{field: wrong}))
    assert found == msgspec.structs.replace(right, **{field: None})
    assert units.plausible(right) is right
