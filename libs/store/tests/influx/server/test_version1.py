"""InfluxQL of administration to the letter."""

from __future__ import annotations

import pytest
from ha_ingestor_store.influx.server.version1 import duration, kept_in_shards, seconds

DAY_S = 86_400


@pytest.mark.parametrize(
    ("told", "expected"), [("0s", 0), ("2160h0m0s", 90 * DAY_S), ("1h30m0s", 5400), ("8736h0m0s", 364 * DAY_S)]
)
def test_a_duration_is_read_as_1_x_writes_it(told: str, expected: int) -> None:
    assert seconds(told) == expected


def test_a_duration_is_written_in_seconds_or_for_ever() -> None:
    assert (duration(0), duration(90 * DAY_S)) == ("INF", "7776000s")


@pytest.mark.parametrize(
    ("kept_s", "expected"),
    [
        (0, "DURATION INF REPLICATION 1 SHARD DURATION 52w"),
        (3650 * DAY_S, "DURATION 315360000s REPLICATION 1 SHARD DURATION 52w"),
        (30 * DAY_S, "DURATION 2592000s REPLICATION 1"),
    ],
)
def test_no_shard_is_longer_than_what_is_kept(kept_s: int, expected: str) -> None:
    assert kept_in_shards(kept_s) == expected
