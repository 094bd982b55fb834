"""Prometheus metrics of alerts."""

from __future__ import annotations

from ha_ingestor_core.alerts import AlertLevel
from prometheus_client import CollectorRegistry, Counter, Gauge

_PREFIX = "ha_ingestor_admin_api_alert"


class AlertMetrics:
    """Metrics of active alerts and notifications."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.active = Gauge(f"{_PREFIX}s_active", "Active alerts, by level", ["level"], registry=registry)
        self.raised = Counter(f"{_PREFIX}s_raised_total", "Raised alerts, by rule", ["rule"], registry=registry)
        self.notifications = Counter(
            f"{_PREFIX}_notifications_total",
            "Attempts to send a notification to an address, by outcome",
            ["outcome"],
            registry=registry,
        )
        self.unwritten = Gauge(f"{_PREFIX}s_unwritten", "Alerts queued for writing to the store", registry=registry)
        for level in AlertLevel:
            self.active.labels(level)
