"""Time ranges, periods and windows."""

from __future__ import annotations

import pytest
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_store.time_range import (
    DAY_NS,
    HOUR_NS,
    MINUTE_NS,
    TimeRange,
    nice_window,
    parse_period,
    parse_window,
    period_range,
    window_starts,
)
from hypothesis import given
from hypothesis import strategies as st

ranges = st.builds(
    lambda start, length: TimeRange(start, start + length),
    st.integers(-2 * DAY_NS, 100 * DAY_NS),
    st.one_of(st.integers(1, 3 * MINUTE_NS), st.integers(1, 5 * DAY_NS)),
)


@pytest.mark.parametrize(
    ("text", "length"),
    [("15m", 15 * MINUTE_NS), ("1h", HOUR_NS), ("7d", 7 * DAY_NS), ("2w", 14 * DAY_NS), ("1y", 365 * DAY_NS)],
)
def test_periods_are_numbers_with_a_unit(text: str, length: int) -> None:
    assert parse_period(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "h",
        "1x",
        "1 h",
        " 1h",
        "1h\n",
        "-1h",
        "0m",
        "1.5h",
        "١h",
        "１h",
        "1H",
        "100000000000000000000y",
        "101y",
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"window must be <number><m\|h\|d\|w\|y>") as caught:
        parse_period(text, field="window")
    assert caught.value.detail["field"] == "window"


def test_a_period_ends_now() -> None:
    assert period_range("1h", 5 * HOUR_NS) == TimeRange(4 * HOUR_NS, 5 * HOUR_NS)


def test_a_window_that_would_give_too_many_points_is_refused() -> None:
    year = TimeRange(0, 365 * DAY_NS)
    assert parse_window("1h", year) == HOUR_NS
    with pytest.raises(InvalidInputError, match="at most 10000 parts"):
        parse_window("1m", year)


@given(ranges)
def test_a_nice_window_gives_a_drawable_number_of_points(time_range: TimeRange) -> None:
    assert 1 <= len(window_starts(time_range, nice_window(time_range))) <= 122


def test_a_century_has_a_nice_window_too() -> None:
    assert nice_window(TimeRange(0, 36_500 * DAY_NS)) % DAY_NS == 0


@given(ranges)
def test_windows_cover_the_range(time_range: TimeRange) -> None:
    starts = window_starts(time_range, 7 * MINUTE_NS)
    assert starts[0] <= time_range.start_ns < starts[0] + 7 * MINUTE_NS
    assert starts[-1] < time_range.end_ns <= starts[-1] + 7 * MINUTE_NS
