"""Which windows are being written now: a window closes only if nothing touched it since its recomputation began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ha_ingestor_core.clock import Clock

from ha_ingestor_store.influx.rollups.progress import Range, joined

IN_DOUBT_S = 120.0
"""How long a write without an answer may still arrive at the server, at most."""


class Ledger:
    """Keeps the ranges of writes that are under way, in doubt, or began since somebody watches."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._under_way: list[list[Range]] = []
        self._in_doubt: list[tuple[float, list[Range]]] = []
        self._watches: list[Watch] = []

    @contextmanager
    def writing(self, ranges: list[Range]) -> Iterator[None]:
        """Hold ranges while they are written; a failure leaves them in doubt."""
        self._under_way.append(ranges)
        for watch in self._watches:
            watch.dirty += ranges
        try:
            yield
        except BaseException:
            self.doubt(ranges)
            raise
        finally:
            self._under_way.remove(ranges)

    def doubt(self, ranges: list[Range]) -> None:
        """Hold ranges as long as something that was sent into them may still arrive."""
        self._in_doubt.append((self._clock.monotonic() + IN_DOUBT_S, ranges))

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way or in doubt."""
        return bool(self._under_way or self.doubtful())

    def first_under_way_ns(self, from_ns: int) -> int | None:
        """Return where what is under way begins, as far as it begins at or behind a time."""
        starts = [start for ranges in self._under_way for start, _ in ranges if start >= from_ns]
        return min(starts, default=None)

    def doubtful(self) -> list[Range]:
        """Return the ranges in doubt."""
        now = self._clock.monotonic()
        self._in_doubt = [doubt for doubt in self._in_doubt if doubt[0] > now]
        return [r for _, ranges in self._in_doubt for r in ranges]

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """What is being written now, and whatever begins to be until the end."""
        watch = Watch([r for ranges in self._under_way for r in ranges] + self.doubtful())
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)


class Watch:
    """The ranges that were touched since the watch began."""

    def __init__(self, dirty: list[Range]) -> None:
        self.dirty = dirty

    def ranges(self) -> list[Range]:
        """In order, joined."""
        return list(joined(self.dirty))
