"""Builds the parts of alerts from the settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ha_ingestor_core.alerts import Alert, AlertSink
from ha_ingestor_core.clock import Clock
from ha_ingestor_store.store import StoreReader
from prometheus_client import CollectorRegistry

from admin_api.alerts.endpoints import AlertEndpoints, AlertViews
from admin_api.alerts.keeper import AlertKeeper
from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.notifications.targets import targets_of
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import Rule, load_rules
from admin_api.alerts.settings import AlertSettings
from admin_api.peers.status import StatusSources
from admin_api.stats.answers import StatsAnswers
from admin_api.stream.broadcaster import Stream


class AlertParts:
    """The keeper and the views of alerts."""

    def __init__(self, rules: Sequence[Rule], keeper: AlertKeeper) -> None:
        self.keeper = keeper
        self.views = AlertViews(rules, keeper)

    def endpoints(self, *, answers: StatsAnswers, reader: StoreReader, clock: Clock) -> AlertEndpoints:
        """Return the endpoints."""
        return AlertEndpoints(keeper=self.keeper, views=self.views, answers=answers, reader=reader, clock=clock)

    def tell(self, stream: Stream) -> None:
        """Send the active alerts to a stream: to each new listener, and on every change."""
        stream.greet("alerts", self.views.active)
        self.keeper.on_change = lambda _: stream.publish("alerts", self.views.active())


def build_alerts(
    settings: AlertSettings,
    *,
    reader: StoreReader,
    sink: AlertSink,
    sources: StatusSources,
    data_dir: Path,
    clock: Clock,
    registry: CollectorRegistry,
) -> AlertParts:
    """Build the parts; raises InvalidSettingsError for an invalid rule or address."""
    rules = load_rules(settings.rules)
    runbooks = {rule.name: rule.runbook for rule in rules}

    def link_of(alert: Alert) -> str | None:
        own = runbooks.get(alert.rule)
        if own is None and settings.dashboard_url is not None:
            return f"{settings.dashboard_url}/api/v1/runbooks/{alert.rule}"
        return own

    keeper = AlertKeeper(
        rules,
        readings=Readings(reader=reader, sources=sources, data_dir=data_dir, clock=clock),
        sink=sink,
        targets=targets_of(settings.urls.get_secret_value() if settings.urls else ""),
        folder=data_dir / "alerts",
        clock=clock,
        metrics=AlertMetrics(registry),
        link_of=link_of,
        evaluates=settings.evaluates,
    )
    return AlertParts(rules, keeper)
