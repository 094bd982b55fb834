"""The Prometheus metrics of the enrichment-pipeline."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.filters.event_filter import FilterRule
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class PipelineMetrics:
    """Events by outcome, rejections by reason, and writes to the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        prefix = "ha_ingestor_enrichment_pipeline"
        events = Counter(f"{prefix}_events_total", "Events by outcome", ["outcome"], registry=registry)
        self._processed = events.labels("processed")
        self._duplicate = events.labels("duplicate")
        self._filtered = events.labels("filtered")
        self._rejected = events.labels("rejected")
        self._expired = events.labels("expired")
        self._rejections = Counter(
            f"{prefix}_rejected_events_total", "Rejected events by reason", ["reason"], registry=registry
        )
        filtered = Counter(
            f"{prefix}_filtered_events_total",
            "Filtered events by rule",
            ["rule"],
            registry=registry,
        )
        self._filtered_by = {rule: filtered.labels(rule.value) for rule in FilterRule}
        self._writes = Histogram(
            f"{prefix}_write_duration_seconds",
            "Duration of writes of events to the store, by result",
            ["status"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._queue = Gauge(
            f"{prefix}_queue_events",
            "Events in the pipeline that the store has not acknowledged",
            registry=registry,
        )
        self._rejected_bytes = Gauge(
            f"{prefix}_rejected_file_bytes", "Size of the file of rejected events", registry=registry
        )
        self._rejected_limit = Gauge(
            f"{prefix}_rejected_file_limit_bytes",
            "Size limit of the file of rejected events",
            registry=registry,
        )
        self._refused = Counter(
            f"{prefix}_refused_batches_total", "Batches refused because the queue was full", registry=registry
        )
        calls = Counter(
            f"{prefix}_weather_requests_total",
            "Requests to a weather service, by result",
            ["status"],
            registry=registry,
        )
        self._weather_requests = {status: calls.labels(status) for status in ("success", "error")}

    def observe_depth(self, depth: Callable[[], float]) -> None:
        """Set the function that returns the number of queued events."""
        self._queue.set_function(depth)

    def observe_rejected_file(self, size: Callable[[], float], limit_bytes: int) -> None:
        """Set the function that returns the size of the file of rejected events, and its limit."""
        self._rejected_bytes.set_function(size)
        self._rejected_limit.set(limit_bytes)

    def count_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Count the outcomes of the events of a write."""
        for receipt in receipts:
            self._processed.inc(receipt.written)
            self._duplicate.inc(receipt.duplicate)
            self._filtered.inc(receipt.filtered)
            self._rejected.inc(len(receipt.rejected))
            self._expired.inc(receipt.expired)
            for rejection in receipt.rejected:
                self._rejections.labels(rejection.key).inc()

    def count_filtered(self, rules: Iterable[FilterRule]) -> None:
        """Count filtered events by rule."""
        for rule, count in collections.Counter(rules).items():
            self._filtered_by[rule].inc(count)

    def observe_write(self, status: str, seconds: float) -> None:
        """Count one write to the store; `status` is success or error."""
        self._writes.labels(status).observe(seconds)

    def count_weather_request(self, status: str) -> None:
        """Count one request to a weather service; `status` is success or error."""
        self._weather_requests[status].inc()

    def count_refused_batch(self) -> None:
        """Count one batch that was refused."""
        self._refused.inc()
