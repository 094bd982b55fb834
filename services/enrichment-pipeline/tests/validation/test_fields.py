"""Reading single fields of an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from enrichment_pipeline.validation.decode_errors import InvalidEventError
from enrichment_pipeline.validation.fields import read_text, read_time
from ha_ingestor_core.clock import datetime_to_ns
from msgspec import Raw


def test_the_text_of_a_part_is_exactly_what_came() -> None:
    assert read_text(Raw('{ "a" : "é" }'.encode()), "data") == '{ "a" : "é" }'


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1678, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 8, 7, 54, 88501, tzinfo=timezone(timedelta(hours=1))),
        datetime(2261, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_times_that_an_int64_of_nanoseconds_holds_are_taken(moment: datetime) -> None:
    assert read_time(moment, "time_fired") == datetime_to_ns(moment)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(1677, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2262, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14))),
    ],
)
def test_times_beyond_are_refused(moment: datetime) -> None:
    with pytest.raises(InvalidEventError, match="time_fired must be between the years 1678 and 2261") as caught:
        read_time(moment, "time_fired")
    assert caught.value.problem.key == "time_out_of_range"
