"""Contexts as in Home Assistant: a ULID and an optional parent."""

from __future__ import annotations

from random import Random

from msgspec import Struct

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_TIME_BITS, _RANDOM_BITS = 50, 80


class Context(Struct, frozen=True, gc=False):
    """Who caused an event, with the keys in Home Assistant's order."""

    id: str
    parent_id: str | None = None
    user_id: str | None = None


class ContextFactory:
    """Creates contexts, reproducibly with the same random numbers."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def new(self, time_ns: int, *, parent: Context | None = None, user_id: str | None = None) -> Context:
        """Return a new context of a time."""
        return Context(id=self._ulid(time_ns), parent_id=parent.id if parent else None, user_id=user_id)

    def _ulid(self, time_ns: int) -> str:
        return _base32(time_ns // 1_000_000, _TIME_BITS) + _base32(self._rng.getrandbits(_RANDOM_BITS), _RANDOM_BITS)


def _base32(number: int, bits: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(bits - 10, -1, -10)])
