"""Detection of new events: each once, late ones included."""

from __future__ import annotations

from typing import Any

from admin_api.stream.new_events import NewEvents
from ha_ingestor_core.clock import NS_PER_S


async def test_first_reading_only_looks_where_it_stands(store: Any, event: Any, clock: Any) -> None:
    store.events = [event()]
    assert (await NewEvents(store).read(clock.now_ns())).events == []


async def test_new_events_are_returned_once_oldest_first_late_ones_too(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(state="known", ago_s=10)]
    new_events = NewEvents(store)
    await new_events.read(clock.now_ns())
    store.events += [event(state="new", ago_s=1), event(state="late", ago_s=60)]
    assert [point.state for point in (await new_events.read(clock.now_ns())).events] == ["late", "new"]
    assert (await new_events.read(clock.now_ns())).events == []


async def test_more_than_a_page_of_new_events_is_returned_completely(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(state="known", ago_s=1000)]
    new_events = NewEvents(store)
    await new_events.read(clock.now_ns())
    store.events += [event(state=str(ago), ago_s=ago) for ago in range(1, 251)]
    assert len((await new_events.read(clock.now_ns())).events) == 250


async def test_flood_is_cut_to_its_newest(store: Any, event: Any, clock: Any) -> None:
    new_events = NewEvents(store)
    await new_events.read(clock.now_ns())
    store.events += [event(state=str(ago), ago_s=ago) for ago in range(1, 701)]
    told, is_complete = await new_events.read(clock.now_ns())
    assert (len(told), told[-1].state, is_complete) == (500, "1", False)


async def test_an_event_stored_late_behind_the_newest_page_is_returned_once(store: Any, event: Any, clock: Any) -> None:
    new_events = await _reading_on_while_it_is_busy(store, event, clock)
    late = event(state="late", ago_s=200.5)
    store.events.append(late)
    assert (await new_events.read(clock.now_ns())).events == []
    assert (await new_events.read_late()).events == [late]
    assert (await new_events.read_late()).events == []


async def test_a_flood_of_late_events_is_cut_and_says_so_once(store: Any, event: Any, clock: Any) -> None:
    new_events = await _reading_on_while_it_is_busy(store, event, clock)
    store.events += [event(time_ns=clock.now_ns() - 200 * NS_PER_S + n, state="late") for n in range(2000)]
    told, is_complete = await new_events.read_late()
    assert 500 <= len(told) <= 1000
    assert not is_complete
    assert await new_events.read_late() == ([], True)


async def test_before_the_first_reading_nothing_is_late(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(ago_s=n) for n in range(150)]
    new_events = NewEvents(store)
    await new_events.read(clock.now_ns())
    store.events.append(event(state="long ago", ago_s=1000))
    assert await new_events.read_late() == ([], True)


async def test_what_is_remembered_is_bounded(store: Any, event: Any, clock: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("admin_api.stream.new_events._REMEMBERED", 300)
    new_events = await _reading_on_while_it_is_busy(store, event, clock)
    await new_events.read(clock.now_ns())
    assert sum(map(len, (new_events._seen or {}).values())) <= 400


async def _reading_on_while_it_is_busy(store: Any, event: Any, clock: Any) -> NewEvents:
    """Return a reader that has read for ten minutes with an event per second."""
    clock.advance(-600)
    new_events = NewEvents(store)
    await new_events.read(clock.now_ns())
    for _ in range(60):
        store.events += [event(time_ns=clock.now_ns() + n * NS_PER_S) for n in range(10)]
        clock.advance(10)
        await new_events.read(clock.now_ns())
    return new_events
