"""What listeners are told: each new event once, and how they end."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from admin_api.stream import Listener, NewEvents, Stream
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError


async def _next(listener: Listener, event: str) -> Any:
    prefix = f"event: {event}\ndata: ".encode()
    async with asyncio.timeout(2):
        async for message in listener.messages():
            if message.startswith(prefix):
                return msgspec.json.decode(message.removeprefix(prefix))
    raise AssertionError("the stream ended")


async def test_first_reading_only_looks_where_it_stands(store: Any, event: Any, clock: Any) -> None:
    store.events = [event()]
    assert await NewEvents(store).read(clock.now_ns()) == []


async def test_new_events_are_told_once_oldest_first_late_ones_too(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(state="known", ago_s=10)]
    news = NewEvents(store)
    await news.read(clock.now_ns())
    store.events += [event(state="new", ago_s=1), event(state="late", ago_s=60)]
    assert [point.state for point in await news.read(clock.now_ns())] == ["late", "new"]
    assert await news.read(clock.now_ns()) == []


async def test_more_than_a_page_of_new_events_is_told_whole(store: Any, event: Any, clock: Any) -> None:
    store.events = [event(state="known", ago_s=1000)]
    news = NewEvents(store)
    await news.read(clock.now_ns())
    store.events += [event(state=str(ago), ago_s=ago) for ago in range(1, 251)]
    assert len(await news.read(clock.now_ns())) == 250


async def test_flood_is_cut_to_its_newest(store: Any, event: Any, clock: Any) -> None:
    news = NewEvents(store)
    await news.read(clock.now_ns())
    store.events += [event(state=str(ago), ago_s=ago) for ago in range(1, 701)]
    told = await news.read(clock.now_ns())
    assert (len(told), told[-1].state) == (500, "1")


async def test_listeners_share_one_reader(store: Any, event: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen() as one, stream.listen() as other:
        store.events.append(event(state="on"))
        told = [await _next(listener, "events") for listener in (one, other)]
        readings = len([question for question in store.asked if type(question).__name__ == "RecentEvents"])
        await asyncio.sleep(0.05)
        more = len([question for question in store.asked if type(question).__name__ == "RecentEvents"]) - readings
    await stream.stop()
    assert [[point["state"] for point in points] for points in told] == [["on"], ["on"]]
    assert more <= 0.05 / 0.005 + 1


async def test_nobody_listens_and_the_store_is_left_alone(store: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen():
        pass
    await asyncio.sleep(0.02)
    store.asked.clear()
    await asyncio.sleep(0.03)
    await stream.stop()
    assert store.asked == []


async def test_statistics_are_told(store: Any, event: Any, stream: Stream) -> None:
    store.events = [event(ago_s=1), event(ago_s=100)]
    await stream.start()
    async with stream.listen() as listener:
        told = await _next(listener, "statistics")
    await stream.stop()
    assert (told["total_events"], told["last_minute"]) == (2, 1)


@pytest.mark.parametrize("error", [StoreUnavailableError("busy"), OverflowError("a mistake of ours")])
async def test_stream_outlives_a_store_that_fails(store: Any, event: Any, stream: Stream, error: Exception) -> None:
    await stream.start()
    async with stream.listen() as listener:
        store.error = error
        async with asyncio.timeout(2):
            async for message in listener.messages():
                if message.startswith(b":"):
                    break
        store.error = None
        store.events.append(event(state="on"))
        assert (await _next(listener, "events"))[0]["state"] == "on"
    await stream.stop()


async def test_slow_listener_is_dropped_and_counted(stream: Stream, metrics: Any, store: Any, event: Any) -> None:
    await stream.start()
    async with stream.listen() as slow, stream.listen() as quick:
        quick_told = asyncio.create_task(_count(quick))
        async with asyncio.timeout(5):
            while not slow.dropped.is_set():
                store.events.append(event(state="x", time_ns=event().time_ns + len(store.events)))
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        assert not quick.dropped.is_set()
        await stream.stop()
        assert await quick_told > 30
    assert metrics.stream_listeners_dropped._value.get() == 1


async def test_listeners_end_with_the_stream(stream: Stream) -> None:
    await stream.start()
    async with stream.listen() as listener:
        ended = asyncio.create_task(_count(listener))
        await stream.stop()
        await asyncio.wait_for(ended, 1)


async def test_stream_that_has_ended_takes_no_listener(stream: Stream) -> None:
    with pytest.raises(ServiceUnavailableError):
        async with stream.listen():
            pass


async def _count(listener: Listener) -> int:
    return len([message async for message in listener.messages()])
