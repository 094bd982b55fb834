"""The time since a moment of an earlier process."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S, SystemClock
from websocket_ingestion.gaps.elapsed import Moment, elapsed_ns, is_exact, this_moment


def test_without_a_boot_in_between_our_clock_does_not_matter() -> None:
    assert elapsed_ns(Moment(9_000, boot=1, up_ns=50), Moment(10, boot=1, up_ns=80)) == 30


def test_after_a_boot_our_clock_is_used() -> None:
    assert elapsed_ns(Moment(9_000, boot=1, up_ns=50), Moment(9_500, boot=2, up_ns=10)) == 500


def test_after_a_boot_a_clock_that_was_set_back_is_not_used() -> None:
    assert elapsed_ns(Moment(9_000), Moment(10)) == 3600 * NS_PER_S


def test_two_moments_of_this_process_are_of_one_boot() -> None:
    first, second = this_moment(SystemClock()), this_moment(SystemClock())
    assert is_exact(first, second)
    assert 0 <= elapsed_ns(first, second) < 60 * NS_PER_S
