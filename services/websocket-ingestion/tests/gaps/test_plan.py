"""How gaps are found and cut, by both clocks."""

from __future__ import annotations

import msgspec
import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason
from hypothesis import given
from hypothesis import strategies as st
from websocket_ingestion.gaps.checkpoint import Checkpoint
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.gaps.plan import (
    DAY_NS,
    MARGIN_NS,
    captured_until,
    chunks,
    done_share,
    find_gap,
    first_window,
    history_range,
    is_valid_entity_id,
    next_window,
    shortened,
    summary,
)

NOW_NS = 1_800_000_000 * NS_PER_S
MINUTE_NS = 60 * NS_PER_S


def found(checkpoint: Checkpoint | None, *, home_now_ns: int = NOW_NS, now_ns: int = NOW_NS) -> Gap | None:
    return find_gap("home", checkpoint, reason=GapReason.RESTART, home_now_ns=home_now_ns, now=Moment(now_ns))


def a_gap(start_ns: int, end_ns: int, recovered: int = 0) -> Gap:
    return Gap(
        home="home",
        start_ns=start_ns,
        end_ns=end_ns,
        reason=GapReason.RESTART,
        found_ns=NOW_NS,
        recovered=recovered,
    )


def test_there_is_no_gap_before_the_first_mark() -> None:
    assert found(None) is None


@pytest.mark.parametrize("ours_ns", [-DAY_NS, 0, 3 * DAY_NS])
def test_the_gap_lies_between_two_times_of_home_assistant_whatever_our_clock_says(ours_ns: int) -> None:
    gap = found(Checkpoint(NOW_NS - MINUTE_NS, Moment(NOW_NS - MINUTE_NS + ours_ns)), now_ns=NOW_NS + ours_ns)
    assert gap is not None
    assert (gap.start_ns, gap.end_ns) == (NOW_NS - MINUTE_NS, NOW_NS)


def test_a_clock_that_was_set_back_leaves_the_time_that_passed_here() -> None:
    gap = found(Checkpoint(NOW_NS, Moment(NOW_NS)), home_now_ns=NOW_NS - DAY_NS, now_ns=NOW_NS + MINUTE_NS)
    assert gap is not None
    assert (gap.start_ns, gap.end_ns) == (NOW_NS - DAY_NS - MINUTE_NS - MARGIN_NS, NOW_NS - DAY_NS)


@pytest.mark.parametrize(
    ("ahead_s", "passed_s", "until_s"),
    [
        (-60, 7, -60),  # nothing happened for a while before the end
        (-7, 7, -7),
        (-5, 7, -17),  # set back by two seconds meanwhile
        (1, 7, -17),  # set back by eight
        (3600, 7, -17),  # dated by a clock that was wrong
        (-60, 4000, -60),  # our own clock was set: Home Assistant's shows the checkpoint's time and more
    ],
)
def test_captured_is_what_the_mark_says_unless_less_time_has_passed_since(
    ahead_s: int, passed_s: int, until_s: int
) -> None:
    checkpoint = Checkpoint(NOW_NS + ahead_s * NS_PER_S, Moment(NOW_NS - passed_s * NS_PER_S))
    assert captured_until(checkpoint, home_now_ns=NOW_NS, now=Moment(NOW_NS)) == NOW_NS + until_s * NS_PER_S


@pytest.mark.parametrize("ours_s", [-5 * 3600, 0, 5 * 3600])
@pytest.mark.parametrize("ahead_s", [3, 90, -5])
def test_a_home_that_was_set_back_while_our_clock_was_wrong_leaves_the_whole_outage(ours_s: int, ahead_s: int) -> None:
    """A start on a busy machine took longer than the margin, and our clock was set meanwhile, too."""
    checkpoint = Checkpoint(NOW_NS + ahead_s * NS_PER_S, Moment(NOW_NS, boot=7, up_ns=100 * NS_PER_S))
    now = Moment(NOW_NS + ours_s * NS_PER_S, boot=7, up_ns=113 * NS_PER_S)
    assert captured_until(checkpoint, home_now_ns=NOW_NS, now=now) <= NOW_NS - 13 * NS_PER_S


def test_a_gap_ends_where_the_clock_of_before_would_be_if_the_home_was_set_back() -> None:
    """What was fired before the clock was set back is dated ahead of what Home Assistant shows now."""
    checkpoint = Checkpoint(NOW_NS + 20 * NS_PER_S, Moment(NOW_NS, boot=7, up_ns=100 * NS_PER_S))
    now = Moment(NOW_NS, boot=7, up_ns=105 * NS_PER_S)
    gap = find_gap("home", checkpoint, reason=GapReason.RESTART, home_now_ns=NOW_NS, now=now)
    assert gap is not None
    assert gap.end_ns >= NOW_NS + 25 * NS_PER_S


@given(*[st.integers(-(10**18), 10**18)] * 3)
def test_a_gap_always_has_a_length_and_ends_no_earlier_than_now(complete: int, written: int, home: int) -> None:
    gap = found(Checkpoint(NOW_NS + complete, Moment(NOW_NS + written)), home_now_ns=NOW_NS + home)
    assert gap is not None
    assert gap.start_ns < gap.end_ns
    assert gap.end_ns >= NOW_NS + home
    start_ns, end_ns = history_range(gap, 10)
    assert start_ns < end_ns


def test_what_the_recorder_forgot_long_ago_is_not_asked_for() -> None:
    assert history_range(a_gap(NOW_NS - 900 * DAY_NS, NOW_NS), 10) == (NOW_NS - 11 * DAY_NS, NOW_NS + MARGIN_NS)
    assert history_range(a_gap(NOW_NS - DAY_NS, NOW_NS), 10) == (NOW_NS - DAY_NS - MARGIN_NS, NOW_NS + MARGIN_NS)


def test_chunks_hold_every_entity_once() -> None:
    assert list(chunks({"c", "a", "b"}, 2)) == [["a", "b"], ["c"]]
    assert list(chunks(set(), 2)) == []


@pytest.mark.parametrize(
    ("entity_id", "may_be"),
    [("sensor.a_1", True), ("sensor", False), ("sensor.A", False), ("sensor.a__b", False), ("a.b\n", False)],
)
def test_only_what_home_assistant_takes_for_an_id_is_asked_for(entity_id: str, may_be: bool) -> None:
    assert is_valid_entity_id(entity_id) is may_be


def test_windows_grow_in_quiet_times_and_shrink_in_busy_ones() -> None:
    assert next_window(3600 * NS_PER_S, 10) == 7200 * NS_PER_S
    assert next_window(3600 * NS_PER_S, 5_000) == 3600 * NS_PER_S
    assert next_window(3600 * NS_PER_S, 50_000) == 1800 * NS_PER_S
    assert next_window(DAY_NS, 0) == DAY_NS
    assert next_window(60 * NS_PER_S, 50_000) == 60 * NS_PER_S


def test_a_stretch_that_never_ended_is_halved() -> None:
    assert first_window(3600, None) == 3600
    assert first_window(3600 * NS_PER_S, 3600 * NS_PER_S) == 1800 * NS_PER_S
    assert first_window(3600 * NS_PER_S, 61 * NS_PER_S) == 60 * NS_PER_S


@pytest.mark.parametrize(
    ("done_ns", "window_ns", "share_of_window", "share"),
    [
        (None, None, 0.0, 0.0),
        (None, 40, 0.5, 0.2),  # of the first stretch half of the entities
        (140, None, 0.0, 0.4),
        (140, 40, 0.25, 0.5),
        (190, 40, 0.5, 0.95),  # the last stretch is shorter
        (200, None, 0.0, 1.0),
        (90, 40, 0.0, 0.0),  # a gap that has grown
    ],
)
def test_how_much_was_read_counts_the_stretch_that_is_being_read(
    done_ns: int | None, window_ns: int | None, share_of_window: float, share: float
) -> None:
    found = done_share(100, 200, done_ns=done_ns, window_ns=window_ns, share_of_window=share_of_window)
    assert found == pytest.approx(share)


def test_few_names_are_told_and_the_number_of_the_others() -> None:
    assert shortened({"b", "a"}) == "a, b"
    many = [f"s.{n:02}" for n in range(23)]
    assert shortened(many) == f"{', '.join(many[:20])} and 3 more"


def test_the_summary_is_what_a_person_wants_to_know() -> None:
    gap = a_gap(1_795_528_920 * NS_PER_S, 1_795_530_660 * NS_PER_S, recovered=1204)
    assert summary(gap) == "gap 14:02–14:31 UTC closed, 1,204 changes recovered"
    assert "2026-11-23 14:31" in summary(msgspec.structs.replace(gap, start_ns=gap.end_ns - DAY_NS))
