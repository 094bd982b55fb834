"""Answers kept as bytes: fresh for their time, shown while a fresh one is made, never older than twice their time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from hashlib import blake2b

import structlog
from ha_ingestor_core.clock import Clock
from msgspec import Struct
from prometheus_client import Counter

from admin_api.rollout.source import StatsSource

MAX_ANSWERS = 512
MAX_BYTES = 32 * 1024 * 1024
"""An answer about an hour has 5 KB, one of 10,000 windows 600: 512 of these would be too much for a small machine."""

_log = structlog.get_logger()


class Answer(Struct, frozen=True):
    """The body of an answer, its tag for If-None-Match, and where it came from."""

    body: bytes
    source: StatsSource
    etag: str

    @classmethod
    def of(cls, body: bytes, source: StatsSource) -> Answer:
        """An answer with the tag of its bytes."""
        return cls(body, source, f'"{blake2b(body, digest_size=9).hexdigest()}"')


class _Kept(Struct):
    answer: Answer | None = None
    made_at: float = 0.0
    making: asyncio.Task[Answer] | None = None


class AnswerCache:
    """One question in flight per key however many ask; the least recently asked keys are forgotten first."""

    def __init__(
        self, *, clock: Clock, requests: Counter, max_answers: int = MAX_ANSWERS, max_bytes: int = MAX_BYTES
    ) -> None:
        self._clock = clock
        self._kept: dict[Hashable, _Kept] = {}
        self._max_answers = max_answers
        self._max_bytes = max_bytes
        self._counts = {result: requests.labels(result) for result in ("hit", "stale", "miss")}
        self.hits = self.misses = 0

    @property
    def hit_rate_percent(self) -> float | None:
        """Answers that nobody waited for, in percent; None before the first."""
        asked = self.hits + self.misses
        return 100.0 * self.hits / asked if asked else None

    async def get(self, key: Hashable, ttl_s: float, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a key, made where none is kept; raises what making it raises."""
        kept = self._used(key)
        age_s = self._clock.monotonic() - kept.made_at
        if kept.answer is not None and age_s <= 2 * ttl_s:
            if age_s <= ttl_s:
                self._count("hit")
            else:
                self._count("stale")
                self._make(key, kept, make)
            return kept.answer
        self._count("miss")
        # Shielded: one who goes away must not end it for the others.
        return await asyncio.shield(self._make(key, kept, make))

    def _make(self, key: Hashable, kept: _Kept, make: Callable[[], Awaitable[Answer]]) -> asyncio.Task[Answer]:
        if kept.making is None:
            kept.making = asyncio.create_task(self._made(kept, make), name=f"statistics {key}")
            kept.making.add_done_callback(_retrieve)
        return kept.making

    async def _made(self, kept: _Kept, make: Callable[[], Awaitable[Answer]]) -> Answer:
        begin = self._clock.monotonic()  # it is as old as the question, not as the answer
        try:
            kept.answer = answer = await make()
            kept.made_at = begin
            self._make_room()
            return answer
        finally:
            kept.making = None

    def _used(self, key: Hashable) -> _Kept:
        kept = self._kept.pop(key, None) or _Kept()
        self._kept[key] = kept
        while len(self._kept) > self._max_answers:
            del self._kept[next(iter(self._kept))]
        return kept

    def _make_room(self) -> None:
        sizes = {key: len(kept.answer.body) for key, kept in self._kept.items() if kept.answer is not None}
        held = sum(sizes.values())
        for key, size in sizes.items():
            if held <= self._max_bytes:
                break
            del self._kept[key]
            held -= size

    def _count(self, result: str) -> None:
        self._counts[result].inc()
        if result == "miss":
            self.misses += 1
        else:
            self.hits += 1


def _retrieve(made: asyncio.Task[Answer]) -> None:
    """A fresh answer that fails while a stale one is shown fails unseen; the next to ask without one is told."""
    if not made.cancelled():
        made.exception()
