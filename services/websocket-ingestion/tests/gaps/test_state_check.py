"""What Home Assistant shows, compared with what was captured, over connections."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.states.snapshot import Snapshot, read_snapshot

REFUSED = Snapshot([], {})


class Gaps:
    """Remembers what is to be fetched from the history."""

    captured_until_ns = 0

    def __init__(self) -> None:
        self.unsent: list[dict[str, int]] = []

    async def not_sent(self, entities: dict[str, int], start_ns: int, end_ns: int) -> None:
        await asyncio.sleep(0)  # as while it is kept on disk
        self.unsent.append(entities)


def shown(second: int) -> Snapshot:
    state = {"entity_id": "a.b", "state": "1", "last_updated": f"1970-01-01T00:00:{second:02}+00:00"}
    return read_snapshot(Raw(json.dumps([state]).encode()))


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
def check(gaps: Any) -> StateCheck:
    metrics = IngestionMetrics(CollectorRegistry())
    return StateCheck(gaps=gaps, home_clock=ServerClock(FakeClock()), metrics=metrics)


def fetching(*answers: Snapshot) -> Any:
    left = list(answers)

    async def fetch() -> Snapshot:
        await asyncio.sleep(0)
        return left.pop(0)

    return fetch


async def test_a_change_that_was_never_sent_is_fetched_and_handed_on_once(check: StateCheck, gaps: Gaps) -> None:
    await check.connected(shown(1))
    found = await check.compare(fetching(shown(2)))
    assert found is not None
    assert (list(found.updated), gaps.unsent) == (["a.b"], [{"a.b": 2_000_000_000}])
    assert await check.compare(fetching(shown(2))) is None


async def test_two_comparisons_at_once_find_it_once(check: StateCheck, gaps: Gaps) -> None:
    await check.connected(shown(1))
    fetch = fetching(shown(2), shown(2))
    found = await asyncio.gather(check.compare(fetch), check.compare(fetch))
    assert [each is None for each in found] == [False, True]
    assert len(gaps.unsent) == 1


@pytest.mark.parametrize(("captured_s", "unsent"), [(3, []), (5, [{"a.b": 2_000_000_000}])])
async def test_what_is_barely_older_than_the_last_captured_moment_is_left_to_the_gap(
    check: StateCheck, gaps: Gaps, captured_s: int, unsent: list[dict[str, int]]
) -> None:
    await check.connected(shown(1))
    gaps.captured_until_ns = captured_s * NS_PER_S
    await check.connected(shown(2))
    assert gaps.unsent == unsent


async def test_after_a_refused_snapshot_nothing_counts_as_never_sent(check: StateCheck, gaps: Gaps) -> None:
    await check.connected(shown(1))
    await check.connected(REFUSED)
    assert await check.compare(fetching(REFUSED)) is None
    first = await check.compare(fetching(shown(3)))
    assert first is not None  # what the refused snapshot would have shown
    assert list(first.updated) == ["a.b"]
    assert gaps.unsent == []
    assert await check.compare(fetching(shown(3))) is None
