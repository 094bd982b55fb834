"""What Home Assistant shows, compared with what was captured, over connections."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from ha_ingestor_core.clock import NS_PER_S, FakeClock, SystemClock, ns_to_rfc3339
from ha_ingestor_core.gaps import GapReason, GapStatus
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.states.snapshot import Snapshot, read_snapshot

from tests.websocket_ingestion.gap_rig import HISTORY, GapRig

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


async def test_a_change_that_was_never_sent_is_fetched_and_passed_on_once(check: StateCheck, gaps: Gaps) -> None:
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


async def test_a_change_that_home_assistant_never_sent_is_fetched_and_recorded_as_a_gap(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.c", "1", 900)]
    await rig.start(state_check_s=0.3)
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    rig.home_assistant.states[1] = rig.state("a.c", "2", -1)
    await rig.send_live(rig.home_assistant.states[1])
    unsent = rig.state("a.b", "3", -2)
    rig.home_assistant.results[HISTORY] = {"a.b": [rig.row("2", -1.5), {**rig.row("3", -2), "lu": _seconds(unsent)}]}
    rig.home_assistant.states[0] = unsent
    gap = await rig.closed()
    assert (gap.reason, gap.status, gap.recovered) == (GapReason.NOT_SENT, GapStatus.PARTIAL, 2)
    assert ["a.b" in gap.lost[0], len(gap.lost)] == [True, 1]
    assert {tuple(asked["entity_ids"]) for asked in rig.home_assistant.commands_of(HISTORY)} == {("a.b",)}
    told = [event["data"]["new_state"]["state"] for event in rig.delivery.events if event["data"]["entity_id"] == "a.b"]
    assert sorted(told) == ["1", "2", "3", "3"]  # the last one also out of the states, with all that they know of it
    await rig.checked(3)
    assert len([gap for gap in rig.sink.gaps if gap.closed_ns]) == 1


async def test_an_entity_whose_state_cannot_be_sent_now_is_named_once(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900), rig.state("a.c", "1", 900)]
    await rig.start(state_check_s=0.2)
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    del rig.home_assistant.states[0]
    gap = await rig.closed()
    assert gap.reason is GapReason.NOT_SENT
    assert "lacks the last change of a.b" in gap.lost[0]
    await rig.checked(3)
    assert len([gap for gap in rig.sink.gaps if gap.closed_ns]) == 1


async def test_what_was_never_sent_before_the_connection_was_lost_is_found_by_the_next_one(rig: GapRig) -> None:
    rig.home_assistant.states = [rig.state("a.b", "1", 900)]
    await rig.start(state_check_s=3600)
    await rig.eventually(lambda: rig.delivery.events)
    await asyncio.sleep(1)
    unsent = {**rig.state("a.b", "2", 0), "last_updated": _now()}
    await asyncio.sleep(2.5)  # what is barely older than the last captured moment is left to the gap
    later = rig.home_assistant.event("state_changed", entity_id="a.c", old_state={}, new_state=None)
    later["event"]["time_fired"] = _now()
    await rig.home_assistant.send_text(json.dumps(later, separators=(",", ":")))
    await rig.eventually(lambda: len(rig.delivery.events) == 2)
    await rig.checkpoint_written()
    rig.home_assistant.states = [unsent]
    rig.home_assistant.results[HISTORY] = {"a.b": [{**rig.row("2", 0), "lu": _seconds(unsent)}]}
    await rig.home_assistant.drop()
    await rig.closed(2)
    reasons = {gap.reason for gap in rig.sink.gaps if gap.closed_ns}
    assert reasons == {GapReason.CONNECTION_LOST, GapReason.NOT_SENT}


def _seconds(state: dict[str, Any]) -> float:
    return datetime.fromisoformat(state["last_updated"]).timestamp()


def _now() -> str:
    return ns_to_rfc3339(SystemClock().now_ns())
