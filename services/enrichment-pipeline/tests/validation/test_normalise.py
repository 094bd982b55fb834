"""Numbers out of states, and units in one spelling."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

import pytest
from enrichment_pipeline.validation.normalise import normalise_unit, numeric_value
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ("21.5", 21.5),
        ("-3", -3.0),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("007", 7.0),
        ("on", 1.0),
        ("open", 1.0),
        ("home", 1.0),
        ("locked", 1.0),
        ("above_horizon", 1.0),
        ("off", 0.0),
        ("closed", 0.0),
        ("not_home", 0.0),
        ("unlocked", 0.0),
        ("below_horizon", 0.0),
    ],
)
def test_numbers_and_on_off_like_states_have_a_value(state: str, value: float) -> None:
    assert numeric_value(state) == value


@pytest.mark.parametrize(
    "state",
    [
        "",
        "unknown",
        "unavailable",
        "NaN",
        "inf",
        "-Infinity",
        "1_000",
        "١٢",
        " 12",
        "12\n",
        "1e999",
        "0x10",
        "1,5",
        "ON",
    ],
)
def test_what_is_no_number_has_no_value(state: str) -> None:
    assert numeric_value(state) is None


def test_minus_zero_keeps_its_sign() -> None:
    value = numeric_value("-0.0")
    assert value == 0.0
    assert math.copysign(1, value) == -1


@given(st.one_of(st.text(), st.text("0123456789+-.eE_ \n١", max_size=8), st.floats().map(str), st.integers().map(str)))
def test_value_agrees_with_a_reference(state: str) -> None:
    assert numeric_value(state) == _reference(state)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_comes_back_exactly(number: float) -> None:
    assert numeric_value(repr(number)) == number


def test_micro_sign_becomes_greek_mu() -> None:
    assert normalise_unit("\u00b5g/m³") == "\u03bcg/m³"


def test_an_empty_unit_is_none() -> None:
    assert normalise_unit("") is None


def _reference(state: str) -> float | None:
    table = {"on": 1.0, "open": 1.0, "home": 1.0, "locked": 1.0, "above_horizon": 1.0}
    table |= {"off": 0.0, "closed": 0.0, "not_home": 0.0, "unlocked": 0.0, "below_horizon": 0.0}
    if state in table:
        return table[state]
    if not state.isascii() or "_" in state or re.search(r"\s|[^0-9eE.+-]", state):
        return None
    try:
        value = float(Decimal(state))
    except (InvalidOperation, OverflowError):
        return None
    return value if math.isfinite(value) else None
