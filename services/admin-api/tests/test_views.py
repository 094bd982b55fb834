"""Where rates are taken over."""

from __future__ import annotations

import pytest
from admin_api.views import covered_minutes
from ha_ingestor_store.answers import Coverage
from ha_ingestor_store.periods import MINUTE_NS, TimeRange


@pytest.mark.parametrize(
    ("start_minute", "minutes"), [(None, 60.0), (-5, 60.0), (50, 10.0), (59.9, 1.0), (60, 1.0), (70, 1.0), (0, 60.0)]
)
def test_minutes_count_from_where_capture_began(start_minute: float | None, minutes: float) -> None:
    start_ns = None if start_minute is None else round(start_minute * MINUTE_NS)
    assert covered_minutes(TimeRange(0, 60 * MINUTE_NS), Coverage(start_ns, complete=False)) == minutes
