"""The outcomes of recovered changes: the receipts of each attempt, told apart by its stamp."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import OriginKind, RawEvent
from msgspec import Struct

_log = structlog.get_logger()


class Tally(Struct, frozen=True):
    """How recovered changes ended.

    `other` were filtered, rejected, or expired.
    """

    recovered: int = 0
    known: int = 0
    other: int = 0

    def __add__(self, more: Tally) -> Tally:
        return Tally(self.recovered + more.recovered, self.known + more.known, self.other + more.other)

    @property
    def ended(self) -> int:
        """All of them."""
        return self.recovered + self.known + self.other


class _Expected:
    def __init__(self) -> None:
        self.events = 0
        self.tally = Tally()
        self.changed = asyncio.Event()


class Outcomes:
    """Collects the receipts of the changes in flight; `wait_for` waits until all of a stamp have ended.

    The number of changes written is saved: an interrupted attempt is repeated, and what it wrote is a duplicate then.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._expected: dict[int, _Expected] = {}
        self._written: dict[int, int] = {}

    def read(self) -> None:
        """Read what an earlier process saved; nothing where that cannot be read."""
        if self._path is None:
            return
        try:
            self._written = msgspec.json.decode(self._path.read_bytes(), type=dict[int, int])
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as err:
            _log.warning("recovered_counts_unreadable", path=str(self._path), error=str(err))

    def begin(self, stamp_ns: int) -> None:
        """Count what is written of a stamp, until `drop`."""
        self._written[stamp_ns] = 0

    def written(self, stamps: Iterable[int]) -> int:
        """Return how many changes of these stamps were written so far."""
        return sum(self._written.get(stamp_ns, 0) for stamp_ns in stamps)

    def drop(self, stamps: Iterable[int]) -> None:
        """These attempts have ended."""
        for stamp_ns in stamps:
            self._written.pop(stamp_ns, None)
        self._save()

    def expect(self, stamp_ns: int, events: int) -> None:
        """So many more events of this stamp are in flight."""
        self._expected.setdefault(stamp_ns, _Expected()).events += events

    def note(self, events: list[RawEvent], receipt: Receipt) -> None:
        """Note the receipt of recovered changes with one stamp; those of an earlier process are not expected here."""
        expected = self._expected.get(events[0].received_ns)
        if expected is not None:
            other = receipt.filtered + receipt.expired + len(receipt.rejected)
            expected.tally += Tally(receipt.written, receipt.duplicate, other)
            expected.changed.set()
        if events[0].received_ns in self._written and receipt.written:
            self._written[events[0].received_ns] += receipt.written
            self._save()

    async def wait_for(self, stamp_ns: int) -> Tally:
        """Return the outcomes of the events of a stamp once all have ended."""
        expected = self._expected.setdefault(stamp_ns, _Expected())
        while expected.tally.ended < expected.events:
            expected.changed.clear()
            await expected.changed.wait()
        return self.forget(stamp_ns)

    def forget(self, stamp_ns: int) -> Tally:
        """Expect no more events of a stamp; return the outcomes so far."""
        expected = self._expected.pop(stamp_ns, None)
        return expected.tally if expected else Tally()

    def _save(self) -> None:
        """Survives a kill; after a power cut the counts may be too low, which has no other effect."""
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(self._written))
            new.replace(self._path)
        except OSError as err:
            _log.debug("recovered_counts_not_saved", path=str(self._path), error=str(err))


def runs(events: list[RawEvent]) -> list[list[RawEvent]]:
    """Split a batch where recovered changes begin, end, or change their stamp: each part gets its own receipt."""
    if OriginKind.BACKFILL not in {event.kind for event in events}:  # as nearly always: a tenth of the cost
        return [events] if events else []
    return [list(run) for _, run in groupby(events, key=_stamp)]


def _stamp(event: RawEvent) -> int | None:
    return event.received_ns if event.kind is OriginKind.BACKFILL else None
