"""Prometheus metrics of the Admin API itself."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class AdminApiMetrics:
    """Metrics of requests by route, and of stream listeners."""

    def __init__(self, registry: CollectorRegistry) -> None:
        prefix = "ha_ingestor_admin_api"
        self._of: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            f"{prefix}_requests_total",
            "HTTP requests by route and status code",
            ["endpoint", "status"],
            registry=registry,
        )
        self.request_duration = Histogram(
            f"{prefix}_request_duration_seconds",
            "Time from the arrival of a request to the start of the answer, by route",
            ["endpoint"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.requests_in_flight = Gauge(
            f"{prefix}_requests_in_flight", "HTTP requests whose answer has not started", registry=registry
        )
        self.stream_listeners = Gauge(
            f"{prefix}_stream_listeners", "Clients connected to the stream", registry=registry
        )
        self.stream_listeners_dropped = Counter(
            f"{prefix}_stream_listeners_dropped_total",
            "Clients of the stream disconnected because they read too slowly",
            registry=registry,
        )

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an answer; metrics are cached by label, since looking them up takes longer than counting."""
        found = self._of.get((endpoint, status))
        if found is None:
            found = self.requests.labels(endpoint, str(status)), self.request_duration.labels(endpoint)
            self._of[endpoint, status] = found
        requests, duration = found
        requests.inc()
        duration.observe(seconds)
