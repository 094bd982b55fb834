"""Who reported without changing, out of `get_states`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.errors import StoreUnavailableError
from msgspec import Raw
from websocket_ingestion.errors import CommandRefusedError, ConnectionLostError
from websocket_ingestion.protocol import Message
from websocket_ingestion.signs_of_life import SignsOfLife, sign_of_life

SECOND_NS = 1_000_000_000


def state(entity_id: str = "sensor.a", value: str = "1", reported_s: int | None = 5, updated_s: int = 3) -> Any:
    times = {"last_updated": f"1970-01-01T00:00:{updated_s:02}+00:00"}
    if reported_s is not None:
        times["last_reported"] = f"1970-01-01T00:00:{reported_s:02}+00:00"
    return {"entity_id": entity_id, "state": value, **times}


class FakeRunner:
    def __init__(self, *states: Any) -> None:
        self.states: Any = list(states)
        self.error: Exception | None = None
        self.asked = 0

    async def command(self, kind: str, **fields: Any) -> Message:
        self.asked += 1
        if self.error:
            raise self.error
        return Message(success=True, result=Raw(json.dumps(self.states).encode()))


class FakeSink:
    def __init__(self) -> None:
        self.signs: list[list[Alive]] = []
        self.is_away = False

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        if self.is_away:
            raise StoreUnavailableError("away")
        self.signs.append(list(signs))


@pytest.mark.parametrize(
    "told",
    [
        state(reported_s=3),
        state(reported_s=None),
        state(value="unavailable"),
        state(value="unknown"),
        {"entity_id": "sensor.a"},
        {**state(), "last_reported": 7},
        "odd",
    ],
)
def test_no_sign_of_life(told: Any) -> None:
    assert sign_of_life(Raw(json.dumps(told).encode())) == ("", 0)


async def test_who_repeats_its_value_is_kept_once_for_each_report() -> None:
    sink, runner = FakeSink(), FakeRunner(state(), state("sensor.b", reported_s=3), "odd")
    signs = SignsOfLife(home="home", sink=sink, interval_s=1)
    await signs.look(runner)
    await signs.look(runner)
    runner.states[0] = state(reported_s=9)
    await signs.look(runner)
    assert sink.signs == [[Alive("home", "sensor.a", 5 * SECOND_NS)], [Alive("home", "sensor.a", 9 * SECOND_NS)]]


async def test_a_store_that_is_away_gets_the_sign_the_next_time() -> None:
    sink = FakeSink()
    sink.is_away = True
    signs = SignsOfLife(home="home", sink=sink, interval_s=1)
    await signs.look(FakeRunner(state()))
    sink.is_away = False
    await signs.look(FakeRunner(state()))
    assert sink.signs == [[Alive("home", "sensor.a", 5 * SECOND_NS)]]


async def test_a_refusal_or_an_odd_answer_is_passed_over_and_a_lost_connection_is_not() -> None:
    sink, runner = FakeSink(), FakeRunner()
    signs = SignsOfLife(home="home", sink=sink, interval_s=1)
    runner.states = {"no": "list"}
    await signs.look(runner)
    runner.error = CommandRefusedError("get_states", "unauthorized", "no")
    await signs.look(runner)
    runner.error = ConnectionLostError("gone")
    with pytest.raises(ConnectionLostError):
        await signs.look(runner)
    assert sink.signs == []


async def test_polling_goes_on_and_an_interval_of_0_asks_never(eventually: Any) -> None:
    runner = FakeRunner(state())
    polling = asyncio.create_task(SignsOfLife(home="home", sink=FakeSink(), interval_s=0.001).poll(runner))
    await eventually(lambda: runner.asked > 2)
    polling.cancel()
    await asyncio.wait_for(SignsOfLife(home="home", sink=FakeSink(), interval_s=0).poll(FakeRunner()), 5)
