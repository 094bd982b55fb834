"""Prometheus metrics of the store gate, the cache and the fallback to the services."""

from __future__ import annotations

from ha_ingestor_store.store import Source
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


class StoreMetrics:
    """Metrics of store queries, cache, fallback and comparison.

    The names `admin_api_influxdb_…` are fixed. The embedded store has no `admin_api_influxdb_connected`.
    """

    def __init__(self, registry: CollectorRegistry, source: Source) -> None:
        self.queries = Counter(
            "admin_api_influxdb_queries_total",
            "Queries to the store, by endpoint and result (success or error)",
            ["endpoint", "status"],
            registry=registry,
        )
        self.query_duration = Histogram(
            "admin_api_influxdb_query_duration_seconds",
            "Duration of queries to the store, failed ones included",
            ["endpoint"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.connected = (
            Gauge(
                "admin_api_influxdb_connected",
                "1 while InfluxDB is reachable, 0 while statistics come from the services",
                registry=registry,
            )
            if source is Source.INFLUXDB
            else None
        )
        prefix = "ha_ingestor_admin_api"
        self.cache_requests = Counter(
            f"{prefix}_cache_requests_total",
            "Requests for statistics by cache result: hit, stale (renewed in the background) or miss",
            ["result"],
            registry=registry,
        )
        self.fallbacks = Counter(
            f"{prefix}_fallback_answers_total",
            "Statistics answered by the services because the store was unavailable",
            ["endpoint"],
            registry=registry,
        )
        self.fallback_activations = Counter(
            f"{prefix}_fallback_activations_total",
            "Times that the store became unavailable and statistics fell back to the services",
            registry=registry,
        )
        self.differences = Counter(
            f"{prefix}_comparison_differences_total",
            "Values that differ between store and services by more than the tolerance",
            ["field"],
            registry=registry,
        )
        self.comparisons = Counter(
            f"{prefix}_comparisons_total", "Answers compared between store and services", registry=registry
        )

    def count_query(self, endpoint: str, status: str, seconds: float) -> None:
        """Count a query; `status` is success or error."""
        for each in ("success", "error"):  # both exist from the start, so that the error rate is 0 and not missing
            self.queries.labels(endpoint, each).inc(each == status)
        self.query_duration.labels(endpoint).observe(seconds)

    def set_connected(self, is_connected: bool) -> None:
        """Set whether InfluxDB is reachable."""
        if self.connected is not None:
            self.connected.set(is_connected)
