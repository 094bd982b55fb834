"""The Prometheus metrics of websocket-ingestion."""

from __future__ import annotations

from enum import StrEnum

from ha_ingestor_core.delivery import ConnectionState, Receipt
from ha_ingestor_core.events import OriginKind
from ha_ingestor_core.gaps import GapReason, GapStatus
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from websocket_ingestion.pause_reason import PauseReason

_PREFIX = "ha_ingestor_websocket_ingestion"
_COMMIT_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class DeliveryResult(StrEnum):
    """How an attempt to deliver a batch ended."""

    ACKNOWLEDGED = "acknowledged"
    REGISTRY_UNKNOWN = "registry_unknown"
    INVALID = "invalid"
    FAILED = "failed"


class IngestionMetrics:
    """The metrics of capture and forwarding, on a given registry."""

    def show_connection(self, state: ConnectionState) -> None:
        """Set the state of the connection to Home Assistant."""
        self.connected.set(state is ConnectionState.CONNECTED)
        for each, shown in self._connection_states.items():
            shown.set(each is state)

    def __init__(self, registry: CollectorRegistry) -> None:
        received = Counter(
            f"{_PREFIX}_events_received_total", "Durable events of Home Assistant, by kind", ["kind"], registry=registry
        )
        self.received = {kind: received.labels(kind=kind.value) for kind in OriginKind}
        acknowledged = Counter(
            f"{_PREFIX}_events_acknowledged_total", "Acknowledged events, by outcome", ["outcome"], registry=registry
        )
        outcomes = ("written", "duplicate", "filtered", "rejected", "expired")
        self._acknowledged = {outcome: acknowledged.labels(outcome=outcome) for outcome in outcomes}
        self.odd_messages = Counter(
            f"{_PREFIX}_odd_messages_total",
            "Messages that do not belong to the protocol, passed on to be rejected",
            registry=registry,
        )
        self.lost_events = Counter(
            f"{_PREFIX}_events_lost_total",
            "Events that Home Assistant did not send, or could not encode as JSON; the states are fetched again",
            registry=registry,
        )
        pauses = Counter(
            f"{_PREFIX}_reading_pauses_total", "Pauses of reading, by reason", ["reason"], registry=registry
        )
        self.reading_pauses = {reason: pauses.labels(reason=reason.value) for reason in PauseReason}
        self.spool_events = Gauge(
            f"{_PREFIX}_spool_events", "Durable events that are not acknowledged yet", registry=registry
        )
        self.spool_bytes = Gauge(
            f"{_PREFIX}_spool_bytes", "Bytes of durable events that are not acknowledged yet", registry=registry
        )
        self.spool_oldest_seconds = Gauge(
            f"{_PREFIX}_spool_oldest_seconds", "Age of the oldest event that is not acknowledged", registry=registry
        )
        self.spool_disk_bytes = Gauge(f"{_PREFIX}_spool_disk_bytes", "Size of the spool's files", registry=registry)
        self.spool_limit_bytes = Gauge(
            f"{_PREFIX}_spool_limit_bytes", "Size of the spool's files at which reading pauses", registry=registry
        )
        self.reading_paused = Gauge(
            f"{_PREFIX}_reading_paused", "1 while reading pauses because the spool is full", registry=registry
        )
        self.spool_damaged_files = Gauge(
            f"{_PREFIX}_spool_damaged_files", "Damaged files found since the start and set aside", registry=registry
        )
        self.spool_events_lost = Counter(
            f"{_PREFIX}_spool_events_lost_total", "Spooled events that damage made unreadable", registry=registry
        )
        self.commit_seconds = Histogram(
            f"{_PREFIX}_spool_commit_duration_seconds",
            "Time of a group commit to the spool",
            buckets=_COMMIT_BUCKETS,
            registry=registry,
        )
        self.commit_failures = Counter(
            f"{_PREFIX}_spool_commit_failures_total", "Failed group commits, which are repeated", registry=registry
        )
        deliveries = Counter(
            f"{_PREFIX}_deliveries_total", "Attempts to deliver a batch", ["result"], registry=registry
        )
        self.deliveries = {result: deliveries.labels(result=result.value) for result in DeliveryResult}
        self.delivery_seconds = Histogram(
            f"{_PREFIX}_delivery_duration_seconds",
            "Time from the first attempt to deliver a batch to its acknowledgement",
            registry=registry,
        )
        self.connected = Gauge(f"{_PREFIX}_connected", "1 while events are subscribed to, else 0", registry=registry)
        state = Gauge(
            f"{_PREFIX}_connection_state",
            "1 for the current state of the connection to Home Assistant, 0 for the others",
            ["state"],
            registry=registry,
        )
        self._connection_states = {each: state.labels(state=each.value) for each in ConnectionState}
        self.connection_attempts = Counter(
            f"{_PREFIX}_connection_attempts_total", "Attempts to connect to Home Assistant", registry=registry
        )
        found = Counter(f"{_PREFIX}_gaps_found_total", "Gaps in the capture, by reason", ["reason"], registry=registry)
        self.gaps_found = {reason: found.labels(reason=reason.value) for reason in GapReason}
        closed = Counter(
            f"{_PREFIX}_gaps_closed_total", "Closed gaps, complete or partial", ["status"], registry=registry
        )
        self.gaps_closed = {
            status: closed.labels(status=status.value) for status in (GapStatus.CLOSED, GapStatus.PARTIAL)
        }
        self.gaps_open = Gauge(f"{_PREFIX}_gaps_open", "Gaps that are not filled yet", registry=registry)
        changes = Counter(
            f"{_PREFIX}_gap_changes_total",
            "Changes in the history of closed gaps, by whether the store had them",
            ["outcome"],
            registry=registry,
        )
        self.gap_changes = {outcome: changes.labels(outcome=outcome) for outcome in ("recovered", "known")}
        self.clock_offset = Gauge(
            f"{_PREFIX}_clock_offset_seconds",
            "Seconds by which Home Assistant's clock is ahead of ours, to half a second; NaN while it is unknown",
            registry=registry,
        )
        self.restored_states = Counter(
            f"{_PREFIX}_restored_states_total",
            "States that Home Assistant only restored after a restart, which are no events",
            registry=registry,
        )

    def acknowledge(self, receipt: Receipt) -> None:
        """Count the outcomes of a receipt."""
        self._acknowledged["written"].inc(receipt.written)
        self._acknowledged["duplicate"].inc(receipt.duplicate)
        self._acknowledged["filtered"].inc(receipt.filtered)
        self._acknowledged["rejected"].inc(len(receipt.rejected))
        self._acknowledged["expired"].inc(receipt.expired)
