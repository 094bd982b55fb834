"""A listener moves from a stopping instance to another one: no event is missed or sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from admin_api.stream.broadcaster import MAX_OF_ONE, Stream
from admin_api.stream.handover import FOLDER
from admin_api.stream.listener import Listener
from admin_api.stream.messages import MISSED
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import BackpressureError
from ha_ingestor_core.filters.live_filter import LiveFilter


@pytest.fixture
def instance(store: Any, clock: Any, metrics: Any, tmp_path: Path) -> Callable[[], Stream]:
    """Builds the stream of an instance; all share one DATA_DIR."""
    return lambda: Stream(reader=store, clock=clock, metrics=metrics, data_dir=tmp_path, poll_interval_s=0.005)


class Client:
    """Reads a stream, and records the states and the last id."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.last_id: str | None = None
        self.has_missed = False

    def take(self, message: bytes) -> None:
        for line in message.splitlines():
            if line.startswith(b"id: "):
                self.last_id = line[4:].decode()
            if line.startswith(b"data: [{"):
                self.states += [event["state"] for event in msgspec.json.decode(line[6:])]
        self.has_missed = self.has_missed or MISSED in message

    async def read(self, listener: Listener, until: str | None = None) -> None:
        """Read until a state is received or the stream ends."""
        async with asyncio.timeout(5):
            async for message in listener.messages():
                self.take(message)
                if until is not None and until in self.states:
                    return


async def test_what_is_stored_between_two_instances_is_sent_once(
    instance: Callable[[], Stream], store: Any, event: Any
) -> None:
    client, first, second = Client(), instance(), instance()
    store.events = [event(state="before", ago_s=60)]
    await first.start()
    async with first.listen() as listener:
        store.events.append(event(state="1", ago_s=9))
        await client.read(listener, "1")
        await first.stop()
        await client.read(listener)
    store.events += [event(state="late", ago_s=30), event(state="2", ago_s=8)]
    await second.start()
    async with second.listen(client.last_id) as listener:
        await client.read(listener, "2")
        store.events.append(event(state="3", ago_s=7))
        await client.read(listener, "3")
    await second.stop()
    assert (client.states, client.has_missed) == (["1", "late", "2", "3"], False)


async def test_an_instance_that_reads_already_sends_nothing_twice(
    instance: Callable[[], Stream], store: Any, event: Any
) -> None:
    """Instances read an event at different times: an event already sent by one is just being sent by the other."""
    client, first, second = Client(), instance(), instance()
    await second.start()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(second.listen())
        await first.start()
        listener = await stack.enter_async_context(first.listen())
        sent = asyncio.Event()
        task = asyncio.create_task(_store_all(store, event, sent))
        await client.read(listener, "20")
        await first.stop()
        await client.read(listener)
        listener = await stack.enter_async_context(second.listen(client.last_id))
        await client.read(listener, "200")
        await task
    await second.stop()
    assert (client.states, client.has_missed) == ([str(n) for n in range(201)], False)


async def _store_all(store: Any, event: Any, sent: asyncio.Event) -> None:
    for n in range(201):
        store.events.append(event(state=str(n), time_ns=event().time_ns + n))
        await asyncio.sleep(0.001)
    sent.set()


async def test_what_was_stored_long_after_it_happened_is_sent_too(
    instance: Callable[[], Stream], store: Any, event: Any, clock: Any
) -> None:
    client, first, second = Client(), instance(), instance()
    await first.start()
    async with first.listen() as listener:
        clock.advance(300)
        start_ns = clock.now_ns() - 200 * NS_PER_S
        store.events += [event(state=str(n), time_ns=start_ns + n * NS_PER_S) for n in range(200)]
        await client.read(listener, "199")
        await first.stop()
        await client.read(listener)
    store.events.append(event(state="late", time_ns=start_ns + 30 * NS_PER_S + 1))
    await second.start()
    async with second.listen(client.last_id) as listener:
        await client.read(listener, "late")
    await second.stop()
    assert (client.states.count("late"), len(client.states), client.has_missed) == (1, 201, False)


async def test_a_filter_holds_for_what_is_handed_over(instance: Callable[[], Stream], store: Any, event: Any) -> None:
    client, first, second, lights = Client(), instance(), instance(), LiveFilter(domain="light")
    await first.start()
    async with first.listen(wanted=lights) as listener:
        await first.stop()
        await client.read(listener)
    store.events += [event("sensor.a", "1"), event("light.a", "2")]
    await second.start()
    async with second.listen(client.last_id, wanted=lights) as listener:
        await client.read(listener, "2")
    await second.stop()
    assert client.states == ["2"]


@pytest.mark.parametrize("harm", ["gone", "damaged", "hours ago", "more was sent"])
async def test_what_cannot_be_known_was_missed(
    instance: Callable[[], Stream], store: Any, event: Any, clock: Any, tmp_path: Path, harm: str
) -> None:
    client, first, second = Client(), instance(), instance()
    await first.start()
    async with first.listen() as listener:
        await first.stop()
        await client.read(listener)
    (path,) = (tmp_path / FOLDER).iterdir()
    if harm == "gone":
        path.unlink()
    elif harm == "damaged":
        path.write_text("{")
    elif harm == "hours ago":
        clock.advance(7200)
    else:
        client.last_id = f"{(client.last_id or '').partition('-')[0]}-7"
    await second.start()
    async with second.listen(client.last_id) as listener:
        client.take(await anext(listener.messages()))
    await second.stop()
    assert client.has_missed


async def test_those_who_return_at_the_same_time_take_no_more_places_than_they_may(
    instance: Callable[[], Stream],
) -> None:
    stream = instance()
    await stream.start()
    async with AsyncExitStack() as stack:
        returning = [
            stack.enter_async_context(stream.listen("0123456789abcdef-1", who="greedy")) for _ in range(2 * MAX_OF_ONE)
        ]
        came = await asyncio.gather(*returning, return_exceptions=True)
    await stream.stop()
    assert [type(each) for each in came if not isinstance(each, Listener)] == MAX_OF_ONE * [BackpressureError]


async def test_the_handovers_of_the_last_instances_are_kept(instance: Callable[[], Stream], tmp_path: Path) -> None:
    for _ in range(6):
        stream = instance()
        await stream.start()
        async with stream.listen():
            await stream.stop()
    assert len(list((tmp_path / FOLDER).iterdir())) == 4
