"""Where what was read becomes events: stamped with their arrival, counted, and put into the hand-over."""

from __future__ import annotations

from typing import Any

from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw

from websocket_ingestion.handover import Handover
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.rate import EventRate


class Intake:
    """Counts every event in the step in which the hand-over takes it, so that the numbers add up at any moment."""

    def __init__(
        self, *, handover: Handover, counters: ServiceCounters, clock: Clock, metrics: IngestionMetrics
    ) -> None:
        self.handover = handover
        self._counters = counters
        self._clock = clock
        self._metrics = metrics
        self._rate = EventRate(clock)
        self._last_event_ns: int | None = None

    def take(self, bodies: list[Raw], kind: OriginKind) -> None:
        """Take over the bodies of events that came now."""
        now_ns = self._clock.now_ns()
        self.handover.put([RawEvent(body, now_ns, kind) for body in bodies])
        self._counters.add(Counter.RECEIVED, len(bodies))
        self._metrics.received[kind].inc(len(bodies))
        if kind is OriginKind.LIVE:
            self._rate.add(len(bodies))
            self._last_event_ns = now_ns

    def status(self) -> dict[str, Any]:
        """The `event_processing` of /stats."""
        return {
            "events_per_minute": self._rate.per_minute(),
            "last_event_time": None if self._last_event_ns is None else ns_to_rfc3339(self._last_event_ns),
            "processing_lag_s": None if self._last_event_ns is None else self.handover.lag_s(),
        }
