"""The numbers of alerts for Prometheus."""

from __future__ import annotations

from ha_ingestor_core.alerts import AlertLevel
from prometheus_client import CollectorRegistry, Counter, Gauge

_PREFIX = "ha_ingestor_admin_api_alert"


class AlertMetrics:
    """What is active, and how telling goes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.active = Gauge(f"{_PREFIX}s_active", "Alerts that are active, by level", ["level"], registry=registry)
        self.raised = Counter(
            f"{_PREFIX}s_raised_total", "Alerts that were raised, by rule", ["rule"], registry=registry
        )
        self.notifications = Counter(
            f"{_PREFIX}_notifications_total",
            "Tries to tell an alert to one address, by how they ended",
            ["outcome"],
            registry=registry,
        )
        self.unwritten = Gauge(
            f"{_PREFIX}s_unwritten", "Alerts that wait to be written to the store", registry=registry
        )
        for level in AlertLevel:
            self.active.labels(level)
