"""The Prometheus metrics of websocket-ingestion."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.events import OriginKind
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_PREFIX = "ha_ingestor_websocket_ingestion"


class DeliveryResult(StrEnum):
    """How an attempt to deliver a batch ended."""

    ACKNOWLEDGED = "acknowledged"
    REGISTRY_UNKNOWN = "registry_unknown"
    INVALID = "invalid"
    FAILED = "failed"


class IngestionMetrics:
    """Everything that capture and forwarding count, on a given registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        received = Counter(
            f"{_PREFIX}_events_received_total", "Events taken over from Home Assistant", ["kind"], registry=registry
        )
        self.received = {kind: received.labels(kind=kind.value) for kind in OriginKind}
        acknowledged = Counter(
            f"{_PREFIX}_events_acknowledged_total", "Events that have ended, by how", ["outcome"], registry=registry
        )
        outcomes = ("written", "duplicate", "filtered", "rejected")
        self._acknowledged = {outcome: acknowledged.labels(outcome=outcome) for outcome in outcomes}
        self.odd_messages = Counter(
            f"{_PREFIX}_odd_messages_total",
            "Messages that were not of the protocol, handed on to be rejected",
            registry=registry,
        )
        self.lost_events = Counter(
            f"{_PREFIX}_events_lost_total",
            "Events that Home Assistant could not put into JSON; the states are fetched again",
            registry=registry,
        )
        self.handover_waits = Counter(
            f"{_PREFIX}_handover_waits_total", "Times that reading paused, the hand-over being full", registry=registry
        )
        self.handover_events = Gauge(
            f"{_PREFIX}_handover_events", "Events that are not acknowledged yet", registry=registry
        )
        self.handover_bytes = Gauge(
            f"{_PREFIX}_handover_bytes", "Bytes of events that are not acknowledged yet", registry=registry
        )
        deliveries = Counter(
            f"{_PREFIX}_deliveries_total", "Attempts to deliver a batch", ["result"], registry=registry
        )
        self.deliveries = {result: deliveries.labels(result=result.value) for result in DeliveryResult}
        self.delivery_seconds = Histogram(
            f"{_PREFIX}_delivery_duration_seconds",
            "Time from handing a batch over to its acknowledgement, retries included",
            registry=registry,
        )
        self.connected = Gauge(f"{_PREFIX}_connected", "1 while events are subscribed to, else 0", registry=registry)
        self.connection_attempts = Counter(
            f"{_PREFIX}_connection_attempts_total", "Attempts to connect to Home Assistant", registry=registry
        )

    def acknowledge(self, receipt: Receipt) -> None:
        """Count what a receipt says."""
        self._acknowledged["written"].inc(receipt.written)
        self._acknowledged["duplicate"].inc(receipt.duplicate)
        self._acknowledged["filtered"].inc(receipt.filtered)
        self._acknowledged["rejected"].inc(len(receipt.rejected))
