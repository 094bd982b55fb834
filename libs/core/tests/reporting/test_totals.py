"""Totals add up, whatever is added to them."""

from __future__ import annotations

from functools import reduce
from operator import add

from ha_ingestor_core.delivery import Receipt, Rejection
from ha_ingestor_core.reporting.totals import Totals, ended_by, totals_view
from ha_ingestor_core.service_metrics import Counter
from hypothesis import given
from hypothesis import strategies as st

totals = st.builds(Totals, *[st.integers(0, 10**12)] * 7, time_ns=st.integers(0, 10**18))


@given(st.lists(totals, min_size=1, max_size=5))
def test_a_sum_counts_everything_and_has_the_last_time(parts: list[Totals]) -> None:
    whole = reduce(add, parts)
    for counter, amount in whole.counters().items():
        assert amount == sum(part.counters()[counter] for part in parts)
    assert whole.time_ns == next((part.time_ns for part in reversed(parts) if part.time_ns), 0)
    assert whole.received == whole.ended + whole.queued


@given(totals, totals)
def test_what_came_since_is_what_was_added(before: Totals, more: Totals) -> None:
    assert (before + more).since(before).counters() == more.counters()


@given(totals, totals)
def test_nothing_came_negative(before: Totals, after: Totals) -> None:
    assert min(after.since(before).counters().values()) >= 0


def test_a_receipt_has_the_outcomes_of_its_events() -> None:
    ended = ended_by(Receipt(written=4, duplicate=3, filtered=2, expired=5, rejected=[Rejection(0, "malformed", "no")]))
    assert (ended.ended, ended.written, ended.rejected, ended.counters()[Counter.EXPIRED]) == (15, 4, 1, 5)


def test_the_view_holds_what_is_queued() -> None:
    assert totals_view(Totals(received=9, written=5, rejected=1)) == {
        "received": 9,
        "written": 5,
        "duplicate": 0,
        "filtered": 0,
        "rejected": 1,
        "expired": 0,
        "failed": 0,
        "queued": 3,
    }
