"""What became of recovered changes: the receipts of each handful of them, told apart by the stamp they were given."""

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

    What a filter dropped, the pipeline rejected, or the store no longer keeps is neither new nor known.
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
    """Told of what is on its way and of every receipt; `of` waits until all of a stamp has ended.

    How many changes of a stamp were written outlives this process: an attempt that was interrupted is repeated, and
    what it wrote is a duplicate then.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._expected: dict[int, _Expected] = {}
        self._written: dict[int, int] = {}

    def read(self) -> None:
        """Take over what an earlier process noted; nothing where that can't be read."""
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
        """How many changes of these stamps were written so far."""
        return sum(self._written.get(stamp_ns, 0) for stamp_ns in stamps)

    def drop(self, stamps: Iterable[int]) -> None:
        """These attempts have ended."""
        for stamp_ns in stamps:
            self._written.pop(stamp_ns, None)
        self._keep()

    def expect(self, stamp_ns: int, events: int) -> None:
        """So many events more of this stamp are on their way."""
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
            self._keep()

    async def of(self, stamp_ns: int) -> Tally:
        """Return what became of the events of a stamp once all have ended."""
        expected = self._expected.setdefault(stamp_ns, _Expected())
        while expected.tally.ended < expected.events:
            expected.changed.clear()
            await expected.changed.wait()
        return self.forget(stamp_ns)

    def forget(self, stamp_ns: int) -> Tally:
        """Expect no more of a stamp; what is known of it."""
        expected = self._expected.pop(stamp_ns, None)
        return expected.tally if expected else Tally()

    def _keep(self) -> None:
        """So that it survives a kill; after a power cut the counts may be too low, and nothing else is wrong."""
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(self._written))
            new.replace(self._path)
        except OSError as err:
            _log.debug("recovered_counts_not_kept", path=str(self._path), error=str(err))


def runs(events: list[RawEvent]) -> list[list[RawEvent]]:
    """A batch cut where recovered changes begin, end, or change their stamp: each part has a receipt of its own."""
    if OriginKind.BACKFILL not in {event.kind for event in events}:  # as nearly always: a tenth of the cost
        return [events] if events else []
    return [list(run) for _, run in groupby(events, key=_stamp)]


def _stamp(event: RawEvent) -> int | None:
    return event.received_ns if event.kind is OriginKind.BACKFILL else None
