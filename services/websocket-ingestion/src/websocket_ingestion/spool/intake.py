"""The intake: events get the time of their arrival, go into the spool, and are counted once they are durable."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.reporting.event_rate import EventRate
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceCounters
from msgspec import Raw

from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.spool.spool import Spool
from websocket_ingestion.spool.watermark import Watermark

_LIVE = OriginKind.LIVE  # Python 3.11 takes 0.2 us to find a member of an enum


class Intake:
    """Puts events into the spool, and is its ledger: it counts what is on disk, in the step in which that changes.

    At any moment, received = written + duplicate + filtered + rejected + expired + failed + change of queued.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        counters: ServiceCounters,
        clock: Clock,
        metrics: IngestionMetrics,
        home_clock: ServerClock | None = None,
    ) -> None:
        self.spool = spool
        self.watermark = Watermark(home_clock.range_ns if home_clock else None)
        """Up to when events are durable, by Home Assistant's clock."""
        self.paused_at: float | None = None
        """When reading last paused, by the monotonic clock; None if it never did."""
        self._last_stamp_ns = 0
        self._counters = counters
        self._clock = clock
        self._metrics = metrics
        self._rate = EventRate(clock)
        self._last_event_ns: int | None = None
        spool.ledger = self

    def take(self, bodies: list[Raw], kind: OriginKind, received_ns: int | None = None) -> None:
        """Put events into the spool that arrived now, or at `received_ns`."""
        now_ns = self._clock.now_ns() if received_ns is None else received_ns
        self.spool.put([RawEvent(body, now_ns, kind) for body in bodies])
        self.watermark.read(len(bodies), bodies[-1] if bodies and kind is _LIVE else None, self._clock.monotonic())
        if kind is _LIVE:
            self._last_event_ns = now_ns

    def stamp_ns(self) -> int:
        """Return the current time, but never the same one twice: a `received_ns` that identifies an attempt."""
        self._last_stamp_ns = max(self._clock.now_ns(), self._last_stamp_ns + 1)
        return self._last_stamp_ns

    async def wait_for_room(self) -> None:
        """Return once the spool is not full."""
        if self.spool.is_full:
            await self.spool.wait_for_room()
            self.paused_at = self._clock.monotonic()

    def count_received(self, kind: OriginKind, events: int) -> None:
        """Count events that are durable now as received."""
        self.watermark.committed(events)
        self._metrics.received[kind].inc(events)
        if kind is _LIVE:
            self._rate.add(events)

    def count(self, change: Totals) -> None:
        """Count how events ended; those that can no longer be read have failed."""
        for counter, amount in change.counters().items():
            self._counters.add(counter, amount)

    def status(self) -> dict[str, Any]:
        """The `event_processing` of /stats."""
        return {
            "events_per_minute": self._rate.per_minute(),
            "last_event_time": None if self._last_event_ns is None else ns_to_rfc3339(self._last_event_ns),
            "processing_lag_s": None if self._last_event_ns is None else self.spool.lag_s(),
        }
