"""Copying one store into another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from ha_ingestor.copying import EVER, Position, StateFile, copy_events, copy_rejected, differences
from ha_ingestor_core.errors import StoreUnavailableError, TerminalError
from ha_ingestor_core.events import STATE_CHANGED
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from ha_ingestor_store.embedded.client import EmbeddedStore
from ha_ingestor_store.periods import DAY_NS
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import RecentEvents

BASE_NS = 20_780 * DAY_NS
EVENTS = [
    EventPoint(
        home="home",
        event_type=STATE_CHANGED,
        time_ns=BASE_NS - n * DAY_NS // 10,
        domain="sensor",
        entity_id=f"sensor.s{n % 3}",
        state=str(n),
    )
    for n in range(95)
]


class StumblingStore(EmbeddedStore):
    """Fails at its third write once, and refuses what is older than `keeps_from_ns`."""

    writes = 0
    stumbles = False
    keeps_from_ns = EVER.start_ns

    async def write_events(self, points: Sequence[EventPoint], rejected: Sequence[RejectedEvent] = ()) -> WriteResult:
        self.writes += 1
        if self.stumbles and self.writes == 3:
            raise StoreUnavailableError("away")
        good = [point for point in points if point.time_ns >= self.keeps_from_ns]
        result = await super().write_events(good, rejected)
        bad = [RejectedPoint(i, "too_old", "too old") for i, p in enumerate(points) if p.time_ns < self.keeps_from_ns]
        return WriteResult(written=result.written, duplicate=result.duplicate, rejected=bad)


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[EmbeddedStore]:
    store = await EmbeddedStore.open(tmp_path / "source")
    await store.write_events(EVENTS)
    yield store
    await store.close()


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[StumblingStore]:
    store = await StumblingStore.open(tmp_path / "target")
    assert isinstance(store, StumblingStore)
    yield store
    await store.close()


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile(tmp_path / "state" / "copy.json")


async def test_everything_is_there_afterwards(source: EmbeddedStore, target: StumblingStore, state: StateFile) -> None:
    seen: list[int] = []
    position = await copy_events(source, target, state, lambda at: seen.append(at.copied), page=10)
    assert seen == [*range(10, 91, 10), 95]
    assert (position.copied, position.written) == (95, 95)
    everything = RecentEvents(EVER, limit=1000)
    assert await target.recent_events(everything) == await source.recent_events(everything)
    assert await differences(source, target, position) == []


async def test_a_copy_that_failed_goes_on_where_it_was(
    source: EmbeddedStore, target: StumblingStore, state: StateFile
) -> None:
    target.stumbles = True
    with pytest.raises(StoreUnavailableError):
        await copy_events(source, target, state, lambda at: None, page=10)
    assert state.read().copied == 20
    before = target.writes
    position = await copy_events(source, target, state, lambda at: None, page=10)
    assert target.writes - before == 8
    assert (position.copied, position.written) == (95, 95)
    assert await differences(source, target, position) == []


async def test_what_the_target_refuses_is_counted_and_shows(
    source: EmbeddedStore, target: StumblingStore, state: StateFile
) -> None:
    target.keeps_from_ns = BASE_NS - 8 * DAY_NS
    position = await copy_events(source, target, state, lambda at: None, page=10)
    assert (position.refused, position.refused_for) == (14, "too old")
    assert sum(each.source - each.target for each in await differences(source, target, position)) == 14


async def test_rejected_events_are_copied(source: EmbeddedStore, target: StumblingStore) -> None:
    rejected = RejectedEvent("home", BASE_NS, "enrichment-pipeline", "malformed", "why", "{")
    await source.write_events([], [rejected])
    assert await copy_rejected(source, target) == 1
    assert (await target.rejected_events()).events == [rejected]


async def test_an_empty_store_is_copied_at_once(tmp_path: Path, target: StumblingStore, state: StateFile) -> None:
    empty = await EmbeddedStore.open(tmp_path / "empty")
    position = await copy_events(empty, target, state, lambda at: None)
    assert position == Position()
    assert await differences(empty, target, position) == []
    await empty.close()


def test_a_damaged_position_names_its_file(state: StateFile) -> None:
    state.write(Position(copied=3))
    assert state.read().copied == 3
    state.remove()
    assert state.read() == Position()
    state.write(Position())
    state._path.write_text("{")  # as a disk may leave it
    with pytest.raises(TerminalError, match=r"copy\.json is no position"):
        state.read()
