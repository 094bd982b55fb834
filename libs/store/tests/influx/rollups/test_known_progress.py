"""What a reader knows of the rollups, and for how long."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
import pytest
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.rollups.known_progress import KnownProgress
from ha_ingestor_store.influx.rollups.lease import Standing
from ha_ingestor_store.influx.rollups.progress import NO_PROGRESS, Progress, Windows
from ha_ingestor_store.time_range import HOUR_NS

ROLLED_UP = Progress(services={HOUR_NS: Windows(10 * HOUR_NS)})


def saved(progress: Progress, term: int = 1) -> dict[str, str]:
    return {f"term {term}": msgspec.json.encode(Standing(term, "a", progress=progress)).decode()}


class FakeLanguage:
    """Tells progress texts, and takes as long as it is told to."""

    def __init__(self, clock: FakeClock, texts: dict[str, str] | None = None) -> None:
        self.texts = texts or {}
        self.asked = 0
        self.takes_s = 0.0
        self.fails = False
        self._clock = clock

    async def progress(self) -> dict[str, str]:
        self.asked += 1
        await asyncio.sleep(0)
        self._clock.advance(self.takes_s)
        if self.fails:
            raise StoreUnavailableError("away")
        return self.texts


def reader(language: FakeLanguage, clock: FakeClock) -> KnownProgress:
    return KnownProgress(cast("Database", language), clock=clock, keep_s=1.0)


async def test_it_is_kept_for_as_long_as_writers_wait_for_it() -> None:
    clock = FakeClock()
    language = FakeLanguage(clock, saved(ROLLED_UP))
    known = reader(language, clock)
    assert await known.get() == ROLLED_UP
    language.texts = {}
    clock.advance(0.99)
    assert await known.get() == ROLLED_UP
    clock.advance(0.01)
    assert await known.get() == NO_PROGRESS


async def test_its_age_counts_from_when_it_was_asked_for() -> None:
    clock = FakeClock()
    language = FakeLanguage(clock)
    language.takes_s = 0.6
    known = reader(language, clock)
    await known.get()
    clock.advance(0.5)
    await known.get()
    assert language.asked == 2


async def test_many_questions_at_once_ask_once() -> None:
    clock = FakeClock()
    language = FakeLanguage(clock)
    known = reader(language, clock)
    await asyncio.gather(*(known.get() for _ in range(10)))
    assert language.asked == 1


async def test_the_highest_term_counts() -> None:
    clock = FakeClock()
    texts = {**saved(ROLLED_UP, 33), **saved(Progress(captured_from_ns=5), 32), "candidate b": "?"}
    assert await reader(FakeLanguage(clock, texts), clock).get() == ROLLED_UP


@pytest.mark.parametrize("texts", [{"term 1": "{"}, {**saved(ROLLED_UP, 1), "term 2": "[]"}])
async def test_what_cannot_be_read_trusts_nothing(texts: dict[str, str]) -> None:
    clock = FakeClock()
    assert await reader(FakeLanguage(clock, texts), clock).get() == NO_PROGRESS


async def test_a_failure_is_told_and_asked_again() -> None:
    clock = FakeClock()
    language = FakeLanguage(clock, saved(ROLLED_UP))
    language.fails = True
    known = reader(language, clock)
    with pytest.raises(StoreUnavailableError):
        await known.get()
    language.fails = False
    assert await known.get() == ROLLED_UP
