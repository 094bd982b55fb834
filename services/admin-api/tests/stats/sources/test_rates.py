"""The range of rates."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.stats.sources.rates import covered_range, events_per_minute, rate_minutes
from ha_ingestor_store.answers import Coverage
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import MINUTE_NS, TimeRange


@pytest.mark.parametrize(
    ("start_minute", "minutes"), [(None, 60.0), (-5, 60.0), (50, 10.0), (59.9, 1.0), (60, 1.0), (70, 1.0), (0, 60.0)]
)
def test_minutes_count_from_where_capture_began(start_minute: float | None, minutes: float) -> None:
    start_ns = None if start_minute is None else round(start_minute * MINUTE_NS)
    assert rate_minutes(covered_range(TimeRange(0, 60 * MINUTE_NS), Coverage(start_ns, complete=False))) == minutes


async def test_states_from_before_the_capture_are_not_in_its_rate(store: Any) -> None:
    hour = TimeRange(0, 60 * MINUTE_NS)
    store.events = [EventPoint(home="home", event_type="x", time_ns=minute * MINUTE_NS) for minute in (10, 20, 55, 58)]
    store.coverage = Coverage(50 * MINUTE_NS, complete=False)
    assert await events_per_minute(store, hour, await store.event_count(hour)) == 0.2
