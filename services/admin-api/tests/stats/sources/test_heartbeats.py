"""Slots of heartbeats."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from admin_api.stats.sources.heartbeats import (
    HeartbeatState,
    Presence,
    Slot,
    interval_of,
    slot_of,
    slots_of,
    uptime_percent,
)
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange, parse_period, period_range

NOW_NS = 1_800_000_000 * NS_PER_S
HOUR_AGO = NOW_NS - HOUR_NS
UP, DEGRADED, DOWN, UNKNOWN = HeartbeatState
SLOT_NS = 15 * MINUTE_NS


def _minutes(*ranges: Iterable[int], failed: int = 0) -> dict[int, int]:
    """Return reports in these minutes of the last hour."""
    return {HOUR_AGO + minute * MINUTE_NS: failed for minutes in ranges for minute in minutes}


def _slots(reported: dict[int, int], *, before: bool = True, now_ns: int = NOW_NS) -> list[Slot]:
    presence = Presence(reported, reported_before=before)
    hour = TimeRange(HOUR_AGO, now_ns)
    return slots_of(presence, hour, slot_ns=SLOT_NS, interval_ns=MINUTE_NS, now_ns=now_ns)


def _states(slots: list[Slot]) -> list[HeartbeatState]:
    return [slot.state for slot in slots]


def test_a_service_that_reported_all_the_time_is_up() -> None:
    slots = _slots(_minutes(range(60)))
    assert _states(slots) == [UP] * 4
    assert [(slot.reports, slot.expected) for slot in slots] == [(15, 15)] * 4
    assert uptime_percent(slots) == 100.0


def test_a_missing_report_is_a_gap() -> None:
    slots = _slots(_minutes(range(14), range(15, 30), range(45, 60)))
    assert _states(slots) == [DEGRADED, UP, DOWN, UP]
    assert uptime_percent(slots) == pytest.approx(100 * 44 / 60, abs=0.6)


def test_what_failed_degrades_a_slot() -> None:
    slots = _slots(_minutes(range(60)) | _minutes([20], failed=3))
    assert (_states(slots), slots[1].failed) == ([UP, DEGRADED, UP, UP], 3)


def test_before_its_first_report_nothing_is_known() -> None:
    slots = _slots(_minutes(range(20, 60)), before=False)
    assert _states(slots) == [UNKNOWN, UP, UP, UP]
    assert (slots[1].reports, slots[1].expected) == (10, 10)


def test_a_service_that_reported_earlier_was_down_at_the_beginning() -> None:
    assert _states(_slots(_minutes(range(20, 60)))) == [DOWN, DEGRADED, UP, UP]


def test_a_service_that_never_reported_is_unknown() -> None:
    slots = _slots({}, before=False)
    assert (_states(slots), uptime_percent(slots)) == ([UNKNOWN] * 4, None)


def test_a_report_that_may_be_on_its_way_is_not_missing() -> None:
    assert _states(_slots(_minutes(range(59))))[-1] is UP
    slots = _slots(_minutes(range(60)), now_ns=NOW_NS + MINUTE_NS)
    assert (_states(slots)[-1], slots[-1].expected) == (UNKNOWN, 0)


def test_an_interval_that_the_period_cuts_is_left_out() -> None:
    cut = TimeRange(HOUR_AGO + 30 * NS_PER_S, NOW_NS)
    presence = Presence(_minutes(range(1, 60)), reported_before=True)
    slots = slots_of(presence, cut, slot_ns=SLOT_NS, interval_ns=MINUTE_NS, now_ns=NOW_NS)
    assert (slots[0].state, slots[0].expected) == (UP, 14)


@pytest.mark.parametrize(
    ("period", "interval_s", "slot_s", "most"),
    [
        ("15m", 60, 60, 16),
        ("1h", 60, 60, 61),
        ("6h", 60, 300, 73),
        ("24h", 60, 900, 97),
        ("7d", 3600, 7200, 85),
        ("30d", 3600, 8 * 3600, 91),
        ("90d", 3600, 86400, 91),
        ("1y", 3600, 4 * 86400, 93),
        ("100y", 86400, 381 * 86400, 97),
    ],
)
def test_slots_are_as_many_as_a_bar_can_show(period: str, interval_s: int, slot_s: int, most: int) -> None:
    asked = period_range(period, NOW_NS)
    interval_ns = interval_of(asked, NOW_NS)
    slot_ns = slot_of(asked, interval_ns)
    assert (interval_ns // NS_PER_S, slot_ns // NS_PER_S) == (interval_s, slot_s)
    slots = slots_of(Presence({}, True), asked, slot_ns=slot_ns, interval_ns=interval_ns, now_ns=NOW_NS)
    assert len(slots) <= most
    assert slots[0].start_ns <= asked.start_ns
    assert slots[-1].start_ns + slot_ns >= asked.end_ns
    whole = sum(slot.expected for slot in slots)
    assert parse_period(period) // interval_ns - 2 <= whole <= parse_period(period) // interval_ns


def test_a_short_time_long_ago_is_answered_by_hours() -> None:
    long_ago = TimeRange(NOW_NS - 20 * DAY_NS, NOW_NS - 20 * DAY_NS + 2 * HOUR_NS)
    assert interval_of(long_ago, NOW_NS) == HOUR_NS
    assert slot_of(long_ago, HOUR_NS) == HOUR_NS
