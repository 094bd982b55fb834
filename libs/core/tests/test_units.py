"""Units: conversions that are known, and those that are not."""

from __future__ import annotations

import pytest
from ha_ingestor_core.units import conversion


@pytest.mark.parametrize(
    ("value", "from_unit", "to_unit", "expected"),
    [
        (21.5, "°C", "°F", 70.7),
        (-40.0, "°F", "°C", -40.0),
        (32.0, "°F", "K", 273.15),
        (1013.25, "hPa", "inHg", 29.9212553),
        (1.0, "mi", "km", 1.609344),
        (1.0, "kW", "W", 1000.0),
        (3.6, "MJ", "kWh", 1.0),
        (1.0, "gal", "L", 3.785411784),
        (36.0, "km/h", "m/s", 10.0),
        (24.0, "mm/d", "mm/h", 1.0),
        (1.0, "CCF", "ft³", 100.0),
    ],
)
def test_a_value_is_converted_within_its_quantity(value: float, from_unit: str, to_unit: str, expected: float) -> None:
    convert = conversion(from_unit, to_unit)
    assert convert is not None
    assert convert(value) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("from_unit", "to_unit"), [("W", "kWh"), ("°C", None), (None, None), ("%", "%")])
def test_there_is_no_conversion_between_quantities(from_unit: str | None, to_unit: str | None) -> None:
    assert conversion(from_unit, to_unit) is None


def test_a_converted_value_shows_no_rounding_error() -> None:
    convert = conversion("°C", "°F")
    assert convert is not None
    assert convert(21.5) == 70.7
