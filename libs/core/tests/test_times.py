"""One parser for every time that people and programs give."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import InvalidInputError
from ha_ingestor_core.times import HOUR_NS, parse_time

NOW_NS = 1_795_489_946 * NS_PER_S


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1h", NOW_NS - HOUR_NS),
        ("7d", NOW_NS - 7 * 24 * HOUR_NS),
        ("2026-11-24T03:12:26Z", NOW_NS),
        ("2026-11-24T05:12:26+02:00", NOW_NS),
        ("2026-11-24T05:12:26", NOW_NS),
        ("2026-11-24 05:12:26.000000001", NOW_NS + 1),
        ("2026-11-24", NOW_NS - (5 * 3600 + 12 * 60 + 26) * NS_PER_S),
    ],
)
def test_a_time_is_a_moment_a_date_or_a_period_before_now(text: str, time_ns: int) -> None:
    zone = timezone(timedelta(hours=2))
    assert parse_time(text, field="--start", now_ns=NOW_NS, zone=zone) == time_ns


@pytest.mark.parametrize(
    "text", ["", "soon", "1", "0h", "-1h", "2026-11", "2026-11-24T", "2026-11-24T05:12:26+25:00", "1677-01-01"]
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInputError, match="--start must be"):
        parse_time(text, field="--start", now_ns=NOW_NS)
