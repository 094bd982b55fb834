"""A cache of encoded answers: fresh for their TTL, then stale until renewed, never older than twice the TTL."""

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
"""An answer about an hour has 5 KB, one with 10,000 windows 600 KB."""

_log = structlog.get_logger()


class Answer(Struct, frozen=True):
    """The body of an answer, its source and its ETag."""

    body: bytes
    source: StatsSource
    etag: str

    @classmethod
    def of(cls, body: bytes, source: StatsSource) -> Answer:
        """Return an answer with the ETag of its body."""
        return cls(body, source, f'"{blake2b(body, digest_size=9).hexdigest()}"')


class _Kept(Struct):
    answer: Answer | None = None
    made_at: float = 0.0
    making: asyncio.Task[Answer] | None = None


class AnswerCache:
    """Runs one query per key at a time, shared by all requests; evicts the least recently used keys first."""

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
        """Return the percentage of requests answered from the cache; None before the first."""
        lookups = self.hits + self.misses
        return 100.0 * self.hits / lookups if lookups else None

    async def get(self, key: Hashable, ttl_s: float, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer of a key, from the cache or from `make`; raises what `make` raises."""
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
        # Shielded: a disconnecting client must not cancel it for the others.
        return await asyncio.shield(self._make(key, kept, make))

    def _make(self, key: Hashable, kept: _Kept, make: Callable[[], Awaitable[Answer]]) -> asyncio.Task[Answer]:
        if kept.making is None:
            kept.making = asyncio.create_task(self._made(kept, make), name=f"statistics {key}")
            kept.making.add_done_callback(_retrieve)
        return kept.making

    async def _made(self, kept: _Kept, make: Callable[[], Awaitable[Answer]]) -> Answer:
        begin = self._clock.monotonic()  # the age counts from the start of the query
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
    """Retrieve the exception of a renewal, so that asyncio does not log it; the next miss raises it."""
    if not made.cancelled():
        made.exception()
