"""The open taps: bounded buffers of events with their outcomes. Without a tap, nothing is recorded."""

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

from enrichment_pipeline.points.prepared_batch import PreparedBatch
from enrichment_pipeline.taps.tap_view import EventOutcome, filtered_values, outcome_view, outcomes

LASTS_S = 600.0
UNREAD_LIMIT_S = 15.0
"""A tap ends after this time without a read: its client has disconnected without closing it."""

MAX_TAPS = 4
MAX_PER_SECOND = 100
MAX_EVENTS = 500
MAX_BYTES = 4_000_000
"""Limits of the events that wait in one tap."""

_GRACE_S = 5.0
"""Time after the end of a tap in which its last events can be read."""

_log = structlog.get_logger()


class Taps:
    """`Taps` of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taps: dict[str, _Tap] = {}

    @property
    def are_open(self) -> bool:
        """Return whether a tap is open."""
        return bool(self._taps)

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        """Open a tap for ten minutes; raises BackpressureError when too many are open."""
        now = self._expire()
        if len(self._taps) >= MAX_TAPS:
            raise BackpressureError(f"{MAX_TAPS} taps are open, which is the limit. Close one", retry_after_s=30)
        tap_id = secrets.token_hex(8)
        self._taps[tap_id] = _Tap(wanted, now)
        return OpenedTap(tap_id, LASTS_S)

    async def read_tap(self, tap_id: str) -> TapPage:
        """Return the waiting events, and remove them; raises NotFoundError when the tap has ended."""
        now = self._expire()
        tap = self._taps.get(tap_id)
        if tap is None:
            raise NotFoundError(f"Tap {tap_id} does not exist, or has ended", tap_id=tap_id)
        return tap.read(now)

    async def close_tap(self, tap_id: str) -> None:
        """Close a tap; no effect on one that has ended."""
        self._taps.pop(tap_id, None)

    def publish(self, group: Sequence[PreparedBatch], result: WriteResult, receipts: Sequence[Receipt]) -> None:
        """Add the events of a write to the open taps, with their outcomes. Never raises: they are already stored."""
        now = self._expire()
        if not self._taps:
            return
        try:
            self._publish(group, result, receipts, now)
        except Exception:  # a programming error must not affect the delivery
            _log.exception("taps_failed", then="all taps are closed")
            self._taps.clear()

    def _publish(
        self, group: Sequence[PreparedBatch], result: WriteResult, receipts: Sequence[Receipt], now: float
    ) -> None:
        for prepared, found in zip(group, outcomes(group, result, receipts), strict=True):
            for outcome in found:
                values = filtered_values(prepared, outcome)
                for tap in self._taps.values():
                    if tap.accepts(*values):
                        tap.add(prepared, outcome, now)

    def _expire(self) -> float:
        now = self._clock.monotonic()
        for tap_id in [tap_id for tap_id, tap in self._taps.items() if tap.has_ended(now)]:
            del self._taps[tap_id]
        return now


class _Tap:
    """One tap, with its waiting events as JSON."""

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
        """Return whether its time is over, or it is not read."""
        return now >= self._ends + _GRACE_S or now - self._read_at > UNREAD_LIMIT_S

    def add(self, prepared: PreparedBatch, outcome: EventOutcome, now: float) -> None:
        """Add an event; one beyond a limit is dropped and counted."""
        if now >= self._ends:
            return
        if now - self._second >= 1:
            self._second, self._in_second = now, 0
        self._in_second += 1
        if self._in_second > MAX_PER_SECOND or len(self._waiting) >= MAX_EVENTS or self._bytes >= MAX_BYTES:
            self._left_out += 1
            return
        view = outcome_view(prepared, outcome)
        self._waiting.append(view)
        self._bytes += len(view)

    def read(self, now: float) -> TapPage:
        """Return the waiting events, and remove them."""
        self._read_at = now
        events = [Raw(view) for view in self._waiting]
        self._waiting.clear()
        self._bytes = 0
        return TapPage(events, self._left_out, max(0.0, self._ends - now))
