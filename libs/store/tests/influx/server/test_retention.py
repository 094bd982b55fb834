"""From when on events are kept: by the server's clock, asked once a minute."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, cast

import pytest
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.retention import Retention
from ha_ingestor_store.influx.server.version import Place, ServerVersion

NOW_S = 1_795_000_000
DAY_S = 86_400


class FakeServer:
    """An administrator and the server that it asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept: dict[Place, int] = {Place.EVENTS: DAY_S}
        self.error: Exception | None = None
        self.date: str | None = formatdate(NOW_S, usegmt=True)

    async def retentions(self) -> dict[Place, int]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.kept


def retention(server: FakeServer, clock: FakeClock) -> Retention:
    anything: Any = server
    return Retention(cast("ServerVersion", anything), cast("Server", anything), clock)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW_S * NS_PER_S)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.mark.parametrize("ours_is_ahead_s", [-1800, 0, 1800])
async def test_it_goes_by_the_clock_of_the_server(server: FakeServer, clock: FakeClock, ours_is_ahead_s: int) -> None:
    clock.turn_to((NOW_S + ours_is_ahead_s) * NS_PER_S)
    assert await retention(server, clock).kept_from_ns() == (NOW_S - DAY_S) * NS_PER_S


@pytest.mark.parametrize("apart_s", [-7200, 365 * DAY_S])
async def test_while_the_clocks_are_far_apart_the_server_decides(
    server: FakeServer, clock: FakeClock, apart_s: int
) -> None:
    clock.turn_to((NOW_S + apart_s) * NS_PER_S)
    assert await retention(server, clock).kept_from_ns() is None


async def test_it_moves_on_between_two_questions_and_is_asked_once_a_minute(
    server: FakeServer, clock: FakeClock
) -> None:
    under_test = retention(server, clock)
    first = await under_test.kept_from_ns()
    clock.advance(40)
    assert await under_test.kept_from_ns() == (first or 0) + 40 * NS_PER_S
    assert server.asked == 1
    server.kept = {Place.EVENTS: 2 * DAY_S}
    server.date = formatdate(NOW_S + 70, usegmt=True)
    clock.advance(30)
    assert await under_test.kept_from_ns() == (NOW_S + 70 - 2 * DAY_S) * NS_PER_S
    assert server.asked == 2


@pytest.mark.parametrize("kept", [{}, {Place.EVENTS: 0}, {Place.ROLLUPS: 5}])
async def test_what_is_kept_for_ever_or_hidden_expires_by_the_server_alone(
    server: FakeServer, clock: FakeClock, kept: dict[Place, int]
) -> None:
    server.kept = kept
    assert await retention(server, clock).kept_from_ns() is None


@pytest.mark.parametrize("error", [StoreRefusedError("no"), StoreUnavailableError("away")])
async def test_a_server_that_does_not_say_holds_no_write_up(
    server: FakeServer, clock: FakeClock, error: Exception
) -> None:
    server.error = error
    assert await retention(server, clock).kept_from_ns() is None


@pytest.mark.parametrize("date", [None, "", "soon"])
async def test_without_a_date_the_server_decides(server: FakeServer, clock: FakeClock, date: str | None) -> None:
    server.date = date
    assert await retention(server, clock).kept_from_ns() is None
