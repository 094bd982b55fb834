"""Home Assistant's clock, as its answers tell it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from ha_ingestor_core.clock import NS_PER_S, FakeClock
from websocket_ingestion import server_clock
from websocket_ingestion.server_clock import ServerClock, http_date_ns

TOLD_NS = 1_795_507_202 * NS_PER_S


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [("Tue, 24 Nov 2026 08:00:02 GMT", TOLD_NS), ("", None), ("soon", None), ("24 Nov 2026", None)],
)
def test_an_http_date_is_a_time_or_nothing(text: str, time_ns: int | None) -> None:
    assert http_date_ns(text) == time_ns


class Home:
    """Answers with a date, and counts the requests."""

    date = "Tue, 24 Nov 2026 08:00:02 GMT"
    status = 200

    def __init__(self) -> None:
        self.tokens: list[str] = []
        app = web.Application()
        app.router.add_get("/api/", self._answer)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _answer(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers["Authorization"])
        return web.Response(status=self.status, headers={"Date": self.date})


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    home = Home()
    async with home.server:
        yield home


async def told(home: Home, clock: FakeClock) -> ServerClock:
    home_clock = ServerClock(clock)
    async with aiohttp.ClientSession(trace_configs=[home_clock.trace]) as http:
        await http.get(f"{home.url}/api/", headers={"Authorization": "Bearer x"})
    return home_clock


async def test_it_shows_a_second_at_most_beyond_the_last_answer_and_what_passed_since(home: Home) -> None:
    clock = FakeClock()
    home_clock = await told(home, clock)
    clock.advance(2.5)
    now = clock.monotonic()
    assert home_clock.earliest_ns() == TOLD_NS + 2_500_000_000
    assert home_clock.latest_ns() == TOLD_NS + 3_500_000_000
    assert home_clock.earliest_ns(now - 1) == TOLD_NS + 1_500_000_000


async def test_an_answer_without_a_date_leaves_what_was_known(home: Home) -> None:
    clock = FakeClock()
    home_clock = ServerClock(clock)
    async with aiohttp.ClientSession(trace_configs=[home_clock.trace]) as http:
        for date in (home.date, "no date"):
            home.date = date
            await http.get(f"{home.url}/api/", headers={"Authorization": "Bearer x"})
    assert home_clock.earliest_ns() == TOLD_NS


def test_before_the_first_answer_our_own_clock_stands_in() -> None:
    clock = FakeClock()
    home_clock = ServerClock(clock)
    assert home_clock.earliest_ns() == home_clock.latest_ns() == clock.now_ns()
    assert home_clock.earliest_ns(clock.monotonic() - 2) == clock.now_ns() - 2 * NS_PER_S
    assert home_clock.offset_s() is None


async def test_the_difference_of_the_clocks_is_exact_to_half_a_second(home: Home) -> None:
    clock = FakeClock()
    home_clock = await told(home, clock)
    expected = (TOLD_NS + NS_PER_S // 2 - clock.now_ns()) / NS_PER_S
    assert home_clock.offset_s() == pytest.approx(expected, abs=0.1)
    clock.advance(100)
    assert home_clock.offset_s() == pytest.approx(expected, abs=0.1)


async def test_the_time_is_requested_while_a_connection_lasts(
    home: Home, monkeypatch: pytest.MonkeyPatch, eventually: object
) -> None:
    monkeypatch.setattr(server_clock, "REFRESH_S", 0.001)
    home_clock = ServerClock(FakeClock())
    async with aiohttp.ClientSession(trace_configs=[home_clock.trace]) as http:
        refreshing = asyncio.create_task(home_clock.refresh_for_ever(http, home.url, "t"))
        await eventually(lambda: len(home.tokens) > 1)  # type: ignore[operator]
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)
    assert set(home.tokens) == {"Bearer t"}
    assert home_clock.earliest_ns() == TOLD_NS


async def test_a_refused_token_is_not_tried_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_clock, "REFRESH_S", 0.001)
    home.status = 401
    home_clock = ServerClock(FakeClock())
    async with aiohttp.ClientSession(trace_configs=[home_clock.trace]) as http:
        await home_clock.refresh_for_ever(http, home.url, "t")
    assert len(home.tokens) == 1
