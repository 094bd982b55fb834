"""The usual silence of an entity, from the hours in which it was heard of."""

from __future__ import annotations

import pytest
from ha_ingestor_store.silent_entities import LEAST_DAYS, least_usual_ns, usual_hours
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS
from hypothesis import given
from hypothesis import strategies as st

LAST = 500_000


@pytest.mark.parametrize(
    ("ago", "usual"),
    [
        (range(14 * 24), 1),
        (range(0, 14 * 24, 12), 12),
        ([hour for hour in range(14 * 24) if hour % 24 < 16], 9),
        # a week of offices: four nights and a weekend
        ([hour for hour in range(21 * 24) if hour % 24 < 10 and hour // 24 % 7 < 5], 48),
        # broken for two days of fourteen, which is unusual
        ([hour for hour in range(14 * 24) if not 100 <= hour < 140], 1),
        # too little is known
        ([], None),
        ([0], None),
        (range(24 * LEAST_DAYS), None),
        (range(24 * LEAST_DAYS + 1), 1),
        # what is older does not matter
        ([*range(14 * 24), 20 * 24], 1),
    ],
)
def test_four_of_five_days_have_no_longer_silence(ago: list[int], usual: int | None) -> None:
    assert usual_hours([LAST - hour for hour in ago], LAST) == usual


@given(st.sets(st.integers(0, 14 * 24), min_size=1).map(lambda ago: ago | {0}))
def test_no_usual_interval_is_below_what_the_number_of_changes_allows(ago: set[int]) -> None:
    usual = usual_hours([LAST - hour for hour in ago], LAST)
    assert usual is None or usual * HOUR_NS >= least_usual_ns(len(ago))


def test_an_entity_that_never_changed_is_no_suspect_before_a_day() -> None:
    assert least_usual_ns(0) == DAY_NS
