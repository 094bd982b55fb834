"""The taps that are open: bounded buffers of events with what became of them; without a tap nothing is done."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence

import structlog
from ha_ingestor_core.calls.taps import OpenedTap, TapPage
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.errors import BackpressureError, NotFoundError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_store.answers import WriteResult
from msgspec import Raw

from enrichment_pipeline.points.prepared_batch import Prepared
from enrichment_pipeline.taps.tap_view import Ending, ending_view, endings, matching_facts

LASTS_S = 600.0
UNREAD_LIMIT_S = 15.0
"""A tap ends when nobody has read it for so long: its reader is gone without closing it."""

MAX_TAPS = 4
MAX_PER_SECOND = 100
MAX_EVENTS = 500
MAX_BYTES = 4_000_000
"""The most that waits in one tap."""

_GRACE_S = 5.0
"""How long the last events can still be read when the time is over."""

_log = structlog.get_logger()


class Taps:
    """`Taps` of this process; see ha_ingestor_core.calls.taps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taps: dict[str, _Tap] = {}

    @property
    def are_open(self) -> bool:
        """Whether there is a tap to show events to."""
        return bool(self._taps)

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        """Open a tap for ten minutes; raises BackpressureError when too many are open."""
        now = self._expire()
        if len(self._taps) >= MAX_TAPS:
            raise BackpressureError(f"{MAX_TAPS} taps are open already; end one", retry_after_s=30)
        tap_id = secrets.token_hex(8)
        self._taps[tap_id] = _Tap(wanted, now)
        return OpenedTap(tap_id, LASTS_S)

    async def read_tap(self, tap_id: str) -> TapPage:
        """Take the events that wait; raises NotFoundError when the tap has ended."""
        now = self._expire()
        tap = self._taps.get(tap_id)
        if tap is None:
            raise NotFoundError(f"There is no tap {tap_id}: it has ended", tap_id=tap_id)
        return tap.read(now)

    async def close_tap(self, tap_id: str) -> None:
        """End a tap; one that has ended already is left as it is."""
        self._taps.pop(tap_id, None)

    def show(self, group: Sequence[Prepared], result: WriteResult, receipts: Sequence[Receipt]) -> None:
        """Show the open taps what became of the events of a write; never raises, since these are stored already."""
        now = self._expire()
        if not self._taps:
            return
        try:
            self._show(group, result, receipts, now)
        except Exception:  # a mistake of ours; without taps, the next events are delivered as ever
            _log.exception("taps_failed", then="they end")
            self._taps.clear()

    def _show(self, group: Sequence[Prepared], result: WriteResult, receipts: Sequence[Receipt], now: float) -> None:
        for prepared, found in zip(group, endings(group, result, receipts), strict=True):
            for ending in found:
                facts = matching_facts(prepared, ending)
                for tap in self._taps.values():
                    if tap.accepts(*facts):
                        tap.take(prepared, ending, now)

    def _expire(self) -> float:
        now = self._clock.monotonic()
        for tap_id in [tap_id for tap_id, tap in self._taps.items() if tap.has_ended(now)]:
            del self._taps[tap_id]
        return now


class _Tap:
    """One tap; its events wait as JSON."""

    def __init__(self, wanted: LiveFilter, now: float) -> None:
        self.accepts = wanted.matcher()
        self._ends = now + LASTS_S
        self._read_at = now
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._left_out = 0
        self._second = now
        self._in_second = 0

    def has_ended(self, now: float) -> bool:
        """Whether its time is over, or nobody reads it."""
        return now >= self._ends + _GRACE_S or now - self._read_at > UNREAD_LIMIT_S

    def take(self, prepared: Prepared, ending: Ending, now: float) -> None:
        """Keep an event until it is read; one that is too many is counted."""
        if now >= self._ends:
            return
        if now - self._second >= 1:
            self._second, self._in_second = now, 0
        self._in_second += 1
        if self._in_second > MAX_PER_SECOND or len(self._waiting) >= MAX_EVENTS or self._bytes >= MAX_BYTES:
            self._left_out += 1
            return
        view = ending_view(prepared, ending)
        self._waiting.append(view)
        self._bytes += len(view)

    def read(self, now: float) -> TapPage:
        """Take what waits."""
        self._read_at = now
        events = [Raw(view) for view in self._waiting]
        self._waiting.clear()
        self._bytes = 0
        return TapPage(events, self._left_out, max(0.0, self._ends - now))
