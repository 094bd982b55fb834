"""Where a gap begins and ends, whichever clock was set."""

from __future__ import annotations

import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason
from hypothesis import given
from hypothesis import strategies as st
from websocket_ingestion.gaps.checkpoint import Checkpoint
from websocket_ingestion.gaps.elapsed import Moment
from websocket_ingestion.gaps.filling_plan import (
    DAY_NS,
    MARGIN_NS,
    history_range,
)
from websocket_ingestion.gaps.gap_bounds import captured_until, find_gap

NOW_NS = 1_800_000_000 * NS_PER_S


MINUTE_NS = 60 * NS_PER_S


def found(checkpoint: Checkpoint | None, *, home_now_ns: int = NOW_NS, now_ns: int = NOW_NS) -> Gap | None:
    return find_gap("home", checkpoint, reason=GapReason.RESTART, home_now_ns=home_now_ns, now=Moment(now_ns))


def test_there_is_no_gap_before_the_first_checkpoint() -> None:
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
def test_captured_is_what_the_checkpoint_says_unless_less_time_has_passed_since(
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
