"""Who reported without changing, out of a template."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.errors import StoreUnavailableError
from msgspec import Raw
from websocket_ingestion.connection.last_reported import LastReportedPoller, signs_in
from websocket_ingestion.errors import CommandRefusedError, ConnectionLostError

SECOND_NS = 1_000_000_000


def line(entity_id: str = "sensor.a", reported_s: int = 5) -> str:
    return f"{entity_id} 1970-01-01T00:00:{reported_s:02}+00:00\n"


class FakeRunner:
    def __init__(self, *lines: str) -> None:
        self.answer: Any = {"result": "".join(lines), "listeners": {}}
        self.error: Exception | None = None
        self.asked: list[str] = []

    async def first_event(self, kind: str, **fields: Any) -> Raw:
        self.asked.append(kind)
        if self.error:
            raise self.error
        return Raw(json.dumps(self.answer).encode())


class FakeSink:
    def __init__(self) -> None:
        self.signs: list[list[Alive]] = []
        self.is_away = False

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        if self.is_away:
            raise StoreUnavailableError("away")
        self.signs.append(list(signs))


@pytest.mark.parametrize("rendered", ["", "odd", "sensor.a yesterday", "sensor.a 1970-01-01T00:00:05", 7, None, []])
def test_no_sign_of_life(rendered: object) -> None:
    assert list(signs_in(rendered)) == []


async def test_who_repeats_its_value_is_kept_once_for_each_report() -> None:
    sink, runner = FakeSink(), FakeRunner(line(), "odd\n")
    signs = LastReportedPoller(home="home", sink=sink, interval_s=1)
    await signs.poll_once(runner)
    await signs.poll_once(runner)
    runner.answer = {"result": line(reported_s=9)}
    await signs.poll_once(runner)
    assert sink.signs == [[Alive("home", "sensor.a", 5 * SECOND_NS)], [Alive("home", "sensor.a", 9 * SECOND_NS)]]
    assert set(runner.asked) == {"render_template"}  # a state's JSON is kept by Home Assistant, last_reported with it


async def test_a_store_that_is_away_gets_the_sign_the_next_time() -> None:
    sink = FakeSink()
    sink.is_away = True
    signs = LastReportedPoller(home="home", sink=sink, interval_s=1)
    await signs.poll_once(FakeRunner(line()))
    sink.is_away = False
    await signs.poll_once(FakeRunner(line()))
    assert sink.signs == [[Alive("home", "sensor.a", 5 * SECOND_NS)]]


@pytest.mark.parametrize(
    ("answer", "error", "refusal"),
    [
        ({"error": "has no attribute 'last_reported'", "level": "ERROR"}, None, "has no attribute 'last_reported'"),
        (7, None, "the answer is unreadable"),
        (None, CommandRefusedError("render_template", "unauthorized", "Unauthorized"), "Unauthorized"),
    ],
)
async def test_a_refusal_is_logged_and_ends_the_polling(answer: Any, error: Exception | None, refusal: str) -> None:
    sink, runner = FakeSink(), FakeRunner()
    runner.answer, runner.error = answer, error
    signs = LastReportedPoller(home="home", sink=sink, interval_s=0.001)
    await asyncio.wait_for(signs.poll(runner), 5)
    assert len(runner.asked) == 1
    status = signs.status()
    assert status["is_asked"] is False
    assert refusal in status["refusal"]


async def test_an_answer_that_is_late_once_is_no_refusal(eventually: Any) -> None:
    runner, sink = FakeRunner(line()), FakeSink()
    runner.error = CommandRefusedError("render_template", "timeout", "no event was received within 60 s")
    signs = LastReportedPoller(home="home", sink=sink, interval_s=0.001)
    polling = asyncio.create_task(signs.poll(runner))
    await eventually(lambda: len(runner.asked) > 1)
    assert signs.status() == {"is_asked": True, "refusal": None}
    runner.error = None
    await eventually(lambda: sink.signs)
    polling.cancel()


async def test_the_next_connection_is_requested_again(eventually: Any) -> None:
    signs = LastReportedPoller(home="home", sink=FakeSink(), interval_s=0.001)
    old, new = FakeRunner(), FakeRunner(line())
    old.answer = {"error": "no"}
    await signs.poll(old)
    polling = asyncio.create_task(signs.poll(new))
    await eventually(lambda: new.asked)
    polling.cancel()
    assert signs.status() == {"is_asked": True, "refusal": None}


async def test_a_lost_connection_is_not_passed_over() -> None:
    runner = FakeRunner()
    runner.error = ConnectionLostError("gone")
    with pytest.raises(ConnectionLostError):
        await LastReportedPoller(home="home", sink=FakeSink(), interval_s=1).poll_once(runner)


async def test_polling_repeats_and_an_interval_of_0_disables_it(eventually: Any) -> None:
    runner = FakeRunner(line())
    polling = asyncio.create_task(LastReportedPoller(home="home", sink=FakeSink(), interval_s=0.001).poll(runner))
    await eventually(lambda: len(runner.asked) > 2)
    polling.cancel()
    await asyncio.wait_for(LastReportedPoller(home="home", sink=FakeSink(), interval_s=0).poll(FakeRunner()), 5)
