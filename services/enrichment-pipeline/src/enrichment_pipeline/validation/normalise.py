"""Converts states to numbers, and units to one spelling."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

# float() would also accept `1_000`, `١٢`, ` 12 `, `nan` and `infinity`, which are not numbers here.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)

ON_OFF_VALUES: Mapping[str, float] = MappingProxyType(
    {
        "on": 1.0,
        "open": 1.0,
        "home": 1.0,
        "locked": 1.0,
        "above_horizon": 1.0,
        "off": 0.0,
        "closed": 0.0,
        "not_home": 0.0,
        "unlocked": 0.0,
        "below_horizon": 0.0,
    }
)
"""The states that count as 1 and 0, as in `state_as_number` of Home Assistant, but without `unknown` = 0."""

_MICRO_SIGN, _GREEK_MU = "\u00b5", "\u03bc"


def numeric_value(state: str) -> float | None:
    """Return a state as a number: a finite decimal number in ASCII, or 1/0 of an on/off-like state; else None."""
    on_off = ON_OFF_VALUES.get(state)
    if on_off is not None:
        return on_off
    if _NUMBER.fullmatch(state) is None:
        return None
    value = float(state)
    return value if math.isfinite(value) else None


def normalise_unit(unit: str) -> str | None:
    """Return the unit with Greek mu for the micro sign, as Home Assistant has it since 2025.8; None when empty."""
    return unit.replace(_MICRO_SIGN, _GREEK_MU) or None
