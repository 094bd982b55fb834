"""Cached answers: their age, how often they are computed, and failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from admin_api.http.time_range import ttl_of
from admin_api.rollout.source import StatsSource
from admin_api.stats.cache import Answer, AnswerCache
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS
from prometheus_client import CollectorRegistry, Counter


class Maker:
    """Returns numbered answers, and fails while `error` is set."""

    def __init__(self) -> None:
        self.made = 0
        self.error: Exception | None = None
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self) -> Answer:
        self.made += 1
        number = self.made
        await self.may_end.wait()
        if self.error:
            raise self.error
        return Answer.of(str(number).encode(), StatsSource.EMBEDDED)


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def cache(clock: FakeClock) -> AnswerCache:
    return AnswerCache(clock=clock, requests=Counter("n", "n", ["result"], registry=CollectorRegistry()), max_answers=3)


async def body(cache: AnswerCache, make: Callable[[], Awaitable[Answer]], key: str = "k") -> bytes:
    return (await cache.get(key, 1.0, make)).body


async def test_a_fresh_answer_is_given_again(cache: AnswerCache, make: Maker, clock: FakeClock) -> None:
    assert await body(cache, make) == b"1"
    clock.advance(1.0)
    assert await body(cache, make) == b"1"
    assert (cache.hits, cache.misses, cache.hit_rate_percent) == (1, 1, 50.0)


async def test_an_answer_past_its_time_is_shown_while_another_is_made(
    cache: AnswerCache, make: Maker, clock: FakeClock
) -> None:
    await body(cache, make)
    clock.advance(1.5)
    assert await body(cache, make) == b"1"
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await body(cache, make) == b"2"


async def test_an_answer_is_never_older_than_twice_its_time(cache: AnswerCache, make: Maker, clock: FakeClock) -> None:
    await body(cache, make)
    clock.advance(2.001)
    assert await body(cache, make) == b"2"


async def test_an_answer_is_as_old_as_its_question(cache: AnswerCache, make: Maker, clock: FakeClock) -> None:
    make.may_end.clear()
    waiting = asyncio.create_task(body(cache, make))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(2.1)
    make.may_end.set()
    await waiting
    assert await body(cache, make) == b"2"


async def test_a_hundred_concurrent_requests_run_one_query(cache: AnswerCache, make: Maker) -> None:
    answers = await asyncio.gather(*(body(cache, make) for _ in range(100)))
    assert (set(answers), make.made) == ({b"1"}, 1)


async def test_a_disconnected_client_does_not_cancel_the_query(cache: AnswerCache, make: Maker) -> None:
    make.may_end.clear()
    first, second = (asyncio.create_task(body(cache, make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    make.may_end.set()
    assert await second == b"1"


async def test_a_failure_is_returned_to_all_waiting_requests_and_not_cached(cache: AnswerCache, make: Maker) -> None:
    make.error = StoreUnavailableError("away")
    failures = await asyncio.gather(*(body(cache, make) for _ in range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [StoreUnavailableError] * 3
    make.error = None
    assert await body(cache, make) == b"2"


async def test_a_failed_renewal_is_returned_when_the_stale_answer_is_too_old(
    cache: AnswerCache, make: Maker, clock: FakeClock
) -> None:
    await body(cache, make)
    make.error = StoreUnavailableError("away")
    clock.advance(1.5)
    assert await body(cache, make) == b"1"
    await asyncio.sleep(0.01)
    clock.advance(1.0)
    with pytest.raises(StoreUnavailableError):
        await body(cache, make)


async def test_the_least_recently_asked_are_forgotten(cache: AnswerCache, make: Maker) -> None:
    for key in ("a", "b", "c", "a", "d"):
        await body(cache, make, key)
    made = [make.made]
    for key in "adcb":
        await body(cache, make, key)
        made.append(make.made)
    assert made == [4, 4, 4, 4, 5]


async def test_of_answers_that_are_long_fewer_are_kept(clock: FakeClock) -> None:
    requests = Counter("n", "n", ["result"], registry=CollectorRegistry())
    cache = AnswerCache(clock=clock, requests=requests, max_bytes=100)
    made = []

    async def make() -> Answer:
        made.append(1)
        return Answer.of(b"x" * 40, StatsSource.EMBEDDED)

    for key in ("a", "b", "c", "c", "b"):
        await body(cache, make, key)
    assert len(made) == 3
    await body(cache, make, "a")
    assert len(made) == 4


@pytest.mark.parametrize(
    ("period_ns", "ttl_s"),
    [
        (MINUTE_NS, 1),
        (HOUR_NS, 1),
        (12 * HOUR_NS, 1),
        (DAY_NS, 2),
        (7 * DAY_NS, 14),
        (30 * DAY_NS, 60),
        (365 * DAY_NS, 60),
    ],
)
def test_an_answer_about_longer_is_fresh_for_longer(period_ns: int, ttl_s: float) -> None:
    assert ttl_of(period_ns) == ttl_s
