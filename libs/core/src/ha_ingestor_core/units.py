"""Conversion of units of measurement, as in Home Assistant's `util/unit_conversion.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class _Scale(NamedTuple):
    """A value in a unit, times `factor`, plus `offset`, is the value in the base unit of its quantity."""

    factor: float
    offset: float = 0.0


_Scales = Mapping[str, _Scale]


def _scales(factors: Mapping[str, float]) -> _Scales:
    return MappingProxyType({unit: _Scale(factor) for unit, factor in factors.items()})


_FOOT_M = 0.3048
_INCH_M = 0.0254
_MILE_M = 1609.344
_GALLON_M3 = 0.003785411784
_CALORIE_J = 4.184

TEMPERATURE: _Scales = MappingProxyType({"°C": _Scale(1.0), "°F": _Scale(5 / 9, -160 / 9), "K": _Scale(1.0, -273.15)})
"""Base: °C."""

PRESSURE = _scales(
    {
        "hPa": 1.0,
        "mbar": 1.0,
        "Pa": 0.01,
        "mPa": 0.00001,
        "kPa": 10.0,
        "MPa": 10_000.0,
        "cbar": 10.0,
        "bar": 1000.0,
        "psi": 68.94757293168,
        "inHg": 33.863886666667,
        "mmHg": 1.33322387415,
        "inH₂O": 2.490889083333,
    }
)
"""Base: hPa."""

SPEED = _scales(
    {
        "km/h": 1.0,
        "m/s": 3.6,
        "m/min": 0.06,
        "mm/s": 0.0036,
        "mph": _MILE_M / 1000,
        "kn": 1.852,
        "ft/s": _FOOT_M * 3.6,
        "in/s": _INCH_M * 3.6,
        "mm/h": 0.000001,
        "mm/d": 0.000001 / 24,
        "in/h": _INCH_M / 1000,
        "in/d": _INCH_M / 1000 / 24,
    }
)
"""Base: km/h; the units of precipitation intensity are speeds, too."""

LENGTH = _scales(
    {
        "m": 1.0,
        "mm": 0.001,
        "cm": 0.01,
        "km": 1000.0,
        "in": _INCH_M,
        "ft": _FOOT_M,
        "yd": 3 * _FOOT_M,
        "mi": _MILE_M,
        "nmi": 1852.0,
    }
)
"""Base: m."""

POWER = _scales({"W": 1.0, "mW": 0.001, "kW": 1e3, "MW": 1e6, "GW": 1e9, "TW": 1e12, "BTU/h": 0.29307107017})
"""Base: W."""

ENERGY = _scales(
    {
        "kWh": 1.0,
        "mWh": 1e-6,
        "Wh": 1e-3,
        "MWh": 1e3,
        "GWh": 1e6,
        "TWh": 1e9,
        "J": 1 / 3.6e6,
        "kJ": 1 / 3.6e3,
        "MJ": 1 / 3.6,
        "GJ": 1e3 / 3.6,
        "cal": _CALORIE_J / 3.6e6,
        "kcal": _CALORIE_J / 3.6e3,
        "Mcal": _CALORIE_J / 3.6,
        "Gcal": _CALORIE_J * 1e3 / 3.6,
    }
)
"""Base: kWh."""

VOLUME = _scales(
    {
        "m³": 1.0,
        "L": 0.001,
        "mL": 0.000001,
        "gal": _GALLON_M3,
        "fl. oz.": _GALLON_M3 / 128,
        "ft³": _FOOT_M**3,
        "CCF": 100 * _FOOT_M**3,
        "MCF": 1000 * _FOOT_M**3,
    }
)
"""Base: m³."""

_QUANTITIES = (TEMPERATURE, PRESSURE, SPEED, LENGTH, POWER, ENERGY, VOLUME)


class Conversion(NamedTuple):
    """Conversion between two units of one quantity: times `factor`, plus `offset`."""

    factor: float
    offset: float

    def __call__(self, value: float) -> float:
        """Return the value in the other unit, rounded to 12 digits: 21.5 °C are 70.7 °F and not 70.70000000000002."""
        return float(f"{value * self.factor + self.offset:.12g}")


def conversion(from_unit: str | None, to_unit: str | None) -> Conversion | None:
    """Return the conversion between two units; None where none is known."""
    for scales in _QUANTITIES:
        source, target = scales.get(from_unit or ""), scales.get(to_unit or "")
        if source is not None and target is not None:
            return Conversion(source.factor / target.factor, (source.offset - target.offset) / target.factor)
    return None
