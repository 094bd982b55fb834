"""What is being written, in doubt, or touched since somebody watches."""

from __future__ import annotations

import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_store.influx.rollups.ledger import IN_DOUBT_S, Ledger


def test_a_write_under_way_is_seen_by_who_begins_to_watch() -> None:
    ledger = Ledger(FakeClock())
    with ledger.writing([(0, 10)]), ledger.watch() as watch:
        assert watch.ranges() == [(0, 10)]


def test_a_write_that_begins_and_ends_meanwhile_is_seen() -> None:
    ledger = Ledger(FakeClock())
    with ledger.watch() as watch:
        with ledger.writing([(20, 30)]):
            pass
        assert watch.ranges() == [(20, 30)]


def test_a_write_that_ended_before_is_not_seen() -> None:
    ledger = Ledger(FakeClock())
    with ledger.writing([(0, 10)]):
        pass
    with ledger.watch() as watch:
        assert watch.ranges() == []


def test_writes_of_the_same_windows_are_told_apart() -> None:
    ledger = Ledger(FakeClock())
    with ledger.writing([(0, 10)]):
        with ledger.writing([(0, 10)]):
            pass
        with ledger.watch() as watch:
            assert watch.ranges() == [(0, 10)]


def test_a_failed_write_is_in_doubt_for_as_long_as_it_may_arrive() -> None:
    clock = FakeClock()
    ledger = Ledger(clock)
    with pytest.raises(ValueError, match="no answer"), ledger.writing([(0, 10)]):
        raise ValueError("no answer")
    clock.advance(IN_DOUBT_S - 1)
    with ledger.watch() as watch:
        assert watch.ranges() == [(0, 10)]
    clock.advance(1)
    with ledger.watch() as watch:
        assert watch.ranges() == []


def test_a_watch_that_has_ended_is_told_nothing_more() -> None:
    ledger = Ledger(FakeClock())
    with ledger.watch() as watch:
        pass
    with ledger.writing([(0, 10)]):
        assert watch.ranges() == []


def test_the_ranges_of_several_writes_are_joined() -> None:
    ledger = Ledger(FakeClock())
    ledger.doubt([(40, 50)])
    with ledger.writing([(10, 20), (0, 10)]), ledger.watch() as watch:
        assert watch.ranges() == [(0, 20), (40, 50)]
