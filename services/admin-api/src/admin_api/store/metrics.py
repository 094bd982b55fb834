"""The numbers for Prometheus on where answers come from: the store, the cache, the services in its place."""

from __future__ import annotations

from ha_ingestor_store.store import Source
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


class StoreMetrics:
    """Questions to the store, answers from the cache, and how often the services had to answer.

    `admin_api_influxdb_…` is the name that dashboards know; the embedded store has no connection to show.
    """

    def __init__(self, registry: CollectorRegistry, source: Source) -> None:
        self.queries = Counter(
            "admin_api_influxdb_queries_total",
            "Questions to the store, by what was asked for and whether it answered (success or error)",
            ["endpoint", "status"],
            registry=registry,
        )
        self.query_duration = Histogram(
            "admin_api_influxdb_query_duration_seconds",
            "Time that the store took for a question, answered or not",
            ["endpoint"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.connected = (
            Gauge(
                "admin_api_influxdb_connected",
                "1 while InfluxDB answers, 0 while the services answer in its place",
                registry=registry,
            )
            if source is Source.INFLUXDB
            else None
        )
        prefix = "ha_ingestor_admin_api"
        self.cache_requests = Counter(
            f"{prefix}_cache_requests_total",
            "Statistics that were asked for: hit, stale (while a fresh one is made) or miss",
            ["result"],
            registry=registry,
        )
        self.fallbacks = Counter(
            f"{prefix}_fallback_answers_total",
            "Statistics that the services answered because the store did not",
            ["endpoint"],
            registry=registry,
        )
        self.fallback_activations = Counter(
            f"{prefix}_fallback_activations_total",
            "Times that the store stopped answering, so that the services answer statistics in its place",
            registry=registry,
        )
        self.differences = Counter(
            f"{prefix}_comparison_differences_total",
            "Numbers in which store and services differ by more than the tolerance",
            ["field"],
            registry=registry,
        )
        self.comparisons = Counter(
            f"{prefix}_comparisons_total", "Answers of which store and services were compared", registry=registry
        )

    def count_query(self, endpoint: str, status: str, seconds: float) -> None:
        """Count one question to the store; `status` is success or error."""
        for each in ("success", "error"):  # the other at 0, so that the rate of errors is 0 and not missing
            self.queries.labels(endpoint, each).inc(each == status)
        self.query_duration.labels(endpoint).observe(seconds)

    def set_connected(self, is_connected: bool) -> None:
        """Say whether InfluxDB answers."""
        if self.connected is not None:
            self.connected.set(is_connected)
