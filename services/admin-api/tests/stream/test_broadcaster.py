"""The messages to listeners: each new event once, and the end of a stream."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
import pytest
from admin_api.stream import broadcaster as stream_module
from admin_api.stream.broadcaster import MAX_OF_ONE, Stream
from admin_api.stream.listener import Listener
from ha_ingestor_core.errors import BackpressureError, StoreUnavailableError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_store.questions import RecentEvents


async def _next(listener: Listener, event: str, within_s: float = 2) -> Any:
    start = f"event: {event}\ndata: ".encode()
    async with asyncio.timeout(within_s):
        async for message in listener.messages():
            if start in message:
                return msgspec.json.decode(message.partition(start)[2].partition(b"\n")[0])
    raise AssertionError("the stream ended")


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


async def test_without_listeners_the_store_is_not_read(store: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen():
        pass
    async with asyncio.timeout(5):
        await _left_alone(stream)
    store.asked.clear()
    await asyncio.sleep(0.03)
    await stream.stop()
    assert store.asked == []


async def _left_alone(stream: Stream) -> None:
    while True:
        await asyncio.sleep(0.005)
        if not stream._wanted.is_set():
            return


async def test_statistics_are_sent(store: Any, event: Any, stream: Stream) -> None:
    store.events = [event(ago_s=1), event(ago_s=100)]
    await stream.start()
    async with stream.listen() as listener:
        told = await _next(listener, "statistics")
    await stream.stop()
    assert (told["total_events"], told["last_minute"]) == (2, 1)


async def test_a_listener_gets_alerts_while_the_store_hangs(
    store: Any, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "_READY_WAIT_S", 0.01)
    store.hangs = True
    stream.greet("alerts", list)
    await stream.start()
    async with stream.listen() as listener:
        assert await _next(listener, "alerts") == []
        stream.publish("alerts", ["the store hangs"])
        assert await _next(listener, "alerts") == ["the store hangs"]
    await stream.stop()


@pytest.mark.parametrize("error", [StoreUnavailableError("busy"), OverflowError("a mistake of ours")])
async def test_stream_outlives_a_store_that_fails(store: Any, event: Any, stream: Stream, error: Exception) -> None:
    await stream.start()
    async with stream.listen() as listener:
        store.error = error
        async with asyncio.timeout(10):
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
        await asyncio.wait_for(ended, 10)


async def test_listeners_of_a_stream_that_ends_are_asked_to_reconnect_from_its_last_message(
    store: Any, event: Any, stream: Stream
) -> None:
    await stream.start()
    async with stream.listen() as listener:
        store.events.append(event(state="on"))
        told = listener.messages()
        async with asyncio.timeout(10):
            while b"event: events" not in (message := await anext(told)):
                pass
            await stream.stop()
            *_, last = [message async for message in told]
    assert last == message.partition(b"\n")[0] + b"\nretry: 250\nevent: reconnect\ndata: {}\n\n"


async def test_a_listener_after_the_stop_is_asked_to_reconnect_from_its_last_message(stream: Stream) -> None:
    async with stream.listen("0123456789abcdef-17") as listener:
        told = [message async for message in listener.messages()]
    assert told == [b"retry: 250\nevent: reconnect\ndata: {}\n\n"]


async def _count(listener: Listener) -> int:
    return len([message async for message in listener.messages()])


async def test_a_hundred_listeners_ask_the_store_no_more_than_one(store: Any, stream: Stream) -> None:
    async def questions_of(listeners: int) -> float:
        """Return the number of readings of the newest events."""
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(listeners):
                listener = await stack.enter_async_context(stream.listen())
                stack.callback(asyncio.create_task(_count(listener)).cancel)
            store.asked.clear()
            await asyncio.sleep(0.2)
            asked = list(store.asked)
        return len(asked) / len([question for question in asked if isinstance(question, RecentEvents)])

    await stream.start()
    one, hundred = await questions_of(1), await questions_of(100)
    await stream.stop()
    assert hundred == pytest.approx(one, rel=0.2)


async def test_a_resuming_listener_gets_the_missed_events(store: Any, event: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen() as staying:
        async with stream.listen() as leaving:
            store.events.append(event(state="first"))
            last_id = await _next_id(leaving)
        store.events.append(event(state="second", time_ns=event().time_ns + 1))
        await _next(staying, "events")
        await _next(staying, "events")
        async with stream.listen(last_id) as back:
            told = await _next(back, "events")
    await stream.stop()
    assert [point["state"] for point in told] == ["second"]


async def test_a_resuming_listener_that_missed_nothing_gets_nothing(store: Any, event: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen() as listener:
        store.events.append(event(state="first"))
        last_id = await _next_id(listener)
        async with stream.listen(last_id) as back:
            with pytest.raises(TimeoutError):
                await _next(back, "missed", within_s=0.05)
    await stream.stop()


@pytest.mark.parametrize("last_id", ["", "x", "0123456789abcdef-1", "0123456789abcdef-99999"])
async def test_a_listener_that_resumes_too_late_gets_missed(stream: Stream, last_id: str) -> None:
    await stream.start()
    async with stream.listen(last_id) as back:
        assert await _next(back, "missed") == {}
    await stream.stop()


async def test_a_listener_gets_only_the_events_of_its_filter(store: Any, event: Any, stream: Stream) -> None:
    await stream.start()
    async with stream.listen(wanted=LiveFilter(entity_id="light.*")) as lights, stream.listen() as everything:
        store.events += [
            event("sensor.power", "1"),
            event("light.hall", "on", ago_s=0.9),
            event("sensor.power", "2", ago_s=0.8),
        ]
        told = [[point["state"] for point in await _next(each, "events")] for each in (lights, everything)]
    await stream.stop()
    assert told == [["on"], ["1", "on", "2"]]


async def test_statistics_and_alerts_pass_every_filter(store: Any, event: Any, stream: Stream) -> None:
    store.events = [event()]
    stream.greet("alerts", lambda: ["now"])
    await stream.start()
    async with stream.listen(wanted=LiveFilter(domain="nothing")) as listener:
        assert await _next(listener, "alerts") == ["now"]
        assert (await _next(listener, "statistics"))["total_events"] == 1
    await stream.stop()


async def test_a_resuming_listener_with_a_filter_gets_matching_events(store: Any, event: Any, stream: Stream) -> None:
    wanted = LiveFilter(domain="light")
    await stream.start()
    async with stream.listen() as staying:
        async with stream.listen(wanted=wanted) as leaving:
            store.events.append(event("light.hall", "first"))
            last_id = await _next_id(leaving)
        store.events += [event("sensor.power", "1", ago_s=0.9), event("light.hall", "second", ago_s=0.8)]
        while "second" not in [point["state"] for point in await _next(staying, "events")]:
            pass
        async with stream.listen(last_id, wanted=wanted) as back:
            told = await _next(back, "events")
    await stream.stop()
    assert [point["state"] for point in told if point["state"] != "first"] == ["second"]


async def test_statistics_say_up_to_where_a_filter_let_nothing_pass(store: Any, event: Any, stream: Stream) -> None:
    """Otherwise a listener of rare events would get `missed` after each interruption."""
    wanted = LiveFilter(domain="light")
    await stream.start()
    async with stream.listen() as staying, stream.listen(wanted=wanted) as filtered:
        store.events.append(event(state="passed over"))
        await _next(staying, "events")
        last_id = await _next_id(filtered)
        async with stream.listen(last_id, wanted=wanted) as back:
            with pytest.raises(TimeoutError):
                await _next(back, "missed", within_s=0.05)
    await stream.stop()


async def test_a_new_listener_gets_the_greeting_and_changes(stream: Stream) -> None:
    stream.greet("alerts", lambda: ["now"])
    await stream.start()
    async with stream.listen() as listener:
        assert await _next(listener, "alerts") == ["now"]
        stream.publish("alerts", ["then"])
        assert await _next(listener, "alerts") == ["then"]
    await stream.stop()


async def _next_id(listener: Listener) -> str:
    async with asyncio.timeout(10):
        async for message in listener.messages():
            if message.startswith(b"id: "):
                return message.partition(b"\n")[0].decode().removeprefix("id: ")
    raise AssertionError("the stream ended")


async def test_one_token_cannot_take_all_places(stream: Stream) -> None:
    await stream.start()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(MAX_OF_ONE):
            await stack.enter_async_context(stream.listen(who="greedy"))
        with pytest.raises(BackpressureError, match="streams per token"):
            async with stream.listen(who="greedy"):
                pass
        async with stream.listen(who="modest"):
            pass
    async with stream.listen(who="greedy"):
        pass
    await stream.stop()
