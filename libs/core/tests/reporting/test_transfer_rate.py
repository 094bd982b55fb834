"""What goes from one part to the next."""

from __future__ import annotations

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.reporting.transfer_rate import TransferRate, Transfers, nearest_rank, transfers


def test_rates_add_up_and_quantiles_are_those_of_all_times() -> None:
    clock = FakeClock()
    one, other = TransferRate(clock), TransferRate(clock)
    for seconds in (0.001, 0.002, 0.003):
        one.add(10, seconds)
    other.add(5, 0.1)
    assert transfers([one, other]) == Transfers(35.0, 2.0, 100.0)


def test_what_is_older_than_five_minutes_is_forgotten() -> None:
    clock = FakeClock()
    rate = TransferRate(clock)
    rate.add(10, 0.001)
    clock.advance(301)
    assert transfers([rate]) == Transfers(0.0, None, None)


def test_a_percentile_is_one_of_the_values() -> None:
    assert nearest_rank([], 95) is None
    assert [nearest_rank([float(n) for n in range(1, 21)], percent) for percent in (50, 95, 100)] == [10.0, 19.0, 20.0]
