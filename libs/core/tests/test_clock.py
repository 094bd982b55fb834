"""Conversions between datetimes and nanoseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from ha_ingestor_core.clock import FakeClock, SystemClock, datetime_to_ns, ns_to_datetime, ns_to_rfc3339
from hypothesis import given
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1678, 1, 1), max_value=datetime(2262, 1, 1)), st.integers(-720, 720))
def test_every_microsecond_survives_the_way_there_and_back(naive: datetime, offset_minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    time_ns = datetime_to_ns(moment)
    assert time_ns == (moment - EPOCH) // timedelta(microseconds=1) * 1000
    assert ns_to_datetime(time_ns) == moment


def test_far_years_are_exact_too() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert ns_to_datetime(datetime_to_ns(last)) == last


def test_rfc3339_is_utc_with_offset_to_the_microsecond() -> None:
    assert ns_to_rfc3339(1_795_421_276_399_695_123) == "2026-11-23T08:07:56.399695+00:00"


def test_fake_clock_moves_only_when_turned() -> None:
    clock = FakeClock(now_ns=5)
    clock.advance(1.5)
    assert (clock.now_ns(), clock.monotonic()) == (1_500_000_005, 1001.5)


def test_system_clock_runs() -> None:
    clock = SystemClock()
    assert clock.now_ns() > 1_700_000_000_000_000_000
    assert clock.monotonic() <= clock.monotonic()
