"""Parsing and validation of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from admin_api.http import parameters
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_store.questions import EventCursor
from ha_ingestor_store.time_range import TimeRange


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:01Z", NS_PER_S),
        ("1970-01-01t00:00:01z", NS_PER_S),
        ("1970-01-01 01:00:00.000000001+01:00", 1),
        ("1970-01-01T01:00:00 01:00", 0),
        ("1969-12-31T20:29:59.5-03:30", -NS_PER_S // 2),
        ("2026-11-24T03:12:26.123456789+00:00", 1_795_489_946_123_456_789),
        ("2026-11-24T03:12", 1_795_489_920 * NS_PER_S),
        ("2026-11-24", 1_795_478_400 * NS_PER_S),
    ],
)
def test_time_is_exact_to_the_nanosecond(text: str, time_ns: int) -> None:
    assert parameters.time_of(text, "start") == time_ns


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "24H",
        "1795489946",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T03:12:26+24:00",
        "2026-11-24T03:12:26.1234567890Z",
        "٢٠٢٦-11-24T03:12:26Z",
        "0001-01-01T00:00:00+23:59",
        "1600-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-11-24T03:12:26Z\x00",
    ],
)
def test_an_invalid_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parameters.time_of(text, "start")
    assert refused.value.detail == {"field": "start", "expected": parameters.EXPECTED_TIME}


def test_range_without_ends_holds_everything() -> None:
    assert parameters.range_of(None, "") == TimeRange(parameters.MIN_TIME_NS, parameters.MAX_TIME_NS)


@pytest.mark.parametrize("end", ["2026-11-24T03:12:26Z", "2026-11-24T03:12:25Z"])
def test_range_that_ends_before_it_starts_is_refused(end: str) -> None:
    with pytest.raises(InvalidInputError, match="start must be a time before end"):
        parameters.range_of("2026-11-24T03:12:26Z", end)


def test_an_empty_text_is_omitted() -> None:
    assert parameters.text_of("", "domain") is None


def test_text_with_nul_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match="domain must not contain NUL characters"):
        parameters.text_of("li\x00ght", "domain")


def test_event_cursor_comes_back_as_it_was_given() -> None:
    cursor = EventCursor(time_ns=1_795_489_946_123_456_789, series=("home", "state_changed", "light", "light.küche"))
    text = parameters.cursor_text(cursor)
    assert text is not None
    assert text.isascii()
    assert parameters.event_cursor_of(text) == cursor


def test_history_cursor_comes_back_as_it_was_given() -> None:
    cursor = parameters.HistoryCursor(-5, "cabin")
    assert parameters.history_cursor_of(parameters.cursor_text(cursor), None) == cursor
    assert parameters.history_cursor_of(parameters.cursor_text(cursor), "cabin") == cursor


def test_history_cursor_of_another_home_is_refused() -> None:
    text = parameters.cursor_text(parameters.HistoryCursor(5, "cabin"))
    with pytest.raises(InvalidInputError, match="cursor is of another home than lake"):
        parameters.history_cursor_of(text, "lake")


def read_history_cursor(text: str) -> Any:
    return parameters.history_cursor_of(text, None)


@pytest.mark.parametrize("read", [parameters.event_cursor_of, parameters.entity_cursor_of, read_history_cursor])
@pytest.mark.parametrize("text", ["x", "!!!!", "é", "bnVsbA", "e30", "W10", "MS41", "W251bGwsW11d", "\x00"])
def test_malformed_cursor_is_refused_by_name(read: Callable[[str], Any], text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(text)
    assert refused.value.detail["field"] == "cursor"


def test_cursor_beyond_the_times_of_the_store_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        parameters.event_cursor_of(parameters.cursor_text(EventCursor(2**63, ("home", "x", None, None))))
    text = parameters.cursor_text(parameters.HistoryCursor(2**63 - 1, "home"))
    with pytest.raises(InvalidInputError, match="cursor"):
        parameters.history_cursor_of(text, None, window_ns=60)


def test_event_cursor_with_nul_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        parameters.event_cursor_of(parameters.cursor_text(EventCursor(1, ("home", "x\x00", None, None))))
