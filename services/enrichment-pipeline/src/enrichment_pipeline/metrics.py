"""The enrichment-pipeline's own numbers for Prometheus."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable

from ha_ingestor_core.delivery import Receipt
from ha_ingestor_core.filters.event_filter import FilterRule
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class PipelineMetrics:
    """Events by their end, rejections by their reason, and the writes to the store."""

    def __init__(self, registry: CollectorRegistry) -> None:
        prefix = "ha_ingestor_enrichment_pipeline"
        events = Counter(
            f"{prefix}_events_total", "Events that came to an end, by which", ["outcome"], registry=registry
        )
        self._processed = events.labels("processed")
        self._duplicate = events.labels("duplicate")
        self._filtered = events.labels("filtered")
        self._rejected = events.labels("rejected")
        self._expired = events.labels("expired")
        self._rejections = Counter(
            f"{prefix}_rejected_events_total", "Events that were rejected, by reason", ["reason"], registry=registry
        )
        filtered = Counter(
            f"{prefix}_filtered_events_total",
            "Events that the filters did not keep, by rule",
            ["rule"],
            registry=registry,
        )
        self._filtered_by = {rule: filtered.labels(rule.value) for rule in FilterRule}
        self._writes = Histogram(
            f"{prefix}_write_duration_seconds",
            "Time that the store took for a write of events, by its end",
            ["status"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._queue = Gauge(
            f"{prefix}_queue_events",
            "Events inside the pipeline that the store has not acknowledged",
            registry=registry,
        )
        self._rejected_bytes = Gauge(
            f"{prefix}_rejected_file_bytes", "Size of the file of rejected events", registry=registry
        )
        self._rejected_limit = Gauge(
            f"{prefix}_rejected_file_limit_bytes",
            "Size of the file of rejected events at which no more are taken",
            registry=registry,
        )
        self._refused = Counter(
            f"{prefix}_refused_batches_total", "Batches that were refused because the queue was full", registry=registry
        )
        calls = Counter(
            f"{prefix}_weather_requests_total",
            "Questions to a weather service, by their end",
            ["status"],
            registry=registry,
        )
        self._weather_requests = {status: calls.labels(status) for status in ("success", "error")}

    def observe_depth(self, depth: Callable[[], float]) -> None:
        """Read the queue's depth when Prometheus asks."""
        self._queue.set_function(depth)

    def observe_rejected_file(self, size: Callable[[], float], limit_bytes: int) -> None:
        """Read the size of the file of rejected events when Prometheus asks."""
        self._rejected_bytes.set_function(size)
        self._rejected_limit.set(limit_bytes)

    def count_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Count what became of the events of a write."""
        for receipt in receipts:
            self._processed.inc(receipt.written)
            self._duplicate.inc(receipt.duplicate)
            self._filtered.inc(receipt.filtered)
            self._rejected.inc(len(receipt.rejected))
            self._expired.inc(receipt.expired)
            for rejection in receipt.rejected:
                self._rejections.labels(rejection.key).inc()

    def count_filtered(self, rules: Iterable[FilterRule]) -> None:
        """Count events that were not kept, by rule."""
        for rule, count in collections.Counter(rules).items():
            self._filtered_by[rule].inc(count)

    def observe_write(self, status: str, seconds: float) -> None:
        """Count one write to the store; `status` is success or error."""
        self._writes.labels(status).observe(seconds)

    def count_weather_request(self, status: str) -> None:
        """Count one question to a weather service; `status` is success or error."""
        self._weather_requests[status].inc()

    def count_refused_batch(self) -> None:
        """Count one batch that has to be sent again."""
        self._refused.inc()
