"""The board: evaluates the rules on readings of each service, and holds the active alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.clock import Clock
from msgspec import Struct, structs

from admin_api.alerts.hysteresis import QUIET, Change, Phase, step
from admin_api.alerts.readings.reading import Reading
from admin_api.alerts.rules import Rule
from admin_api.alerts.state import Mark, mark_key

Key = tuple[str, str]
"""Rule and service."""


class _Watched(Struct):
    phase: Phase = QUIET
    alert: Alert | None = None


class AlertBoard:
    """The phases of all conditions, and the active alerts."""

    def __init__(self, rules: Sequence[Rule], clock: Clock) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._clock = clock
        self._watched: dict[Key, _Watched] = {}

    @property
    def active(self) -> list[Alert]:
        """The active alerts, sorted by level, then newest first."""
        return in_order(watched.alert for watched in self._watched.values() if watched.alert)

    def restore(self, alerts: Iterable[Alert]) -> list[Alert]:
        """Restore active alerts after a restart; return those that are cleared because their rule was removed."""
        gone = []
        for alert in alerts:
            if alert.rule in self._rules:
                phase = Phase(alert.since_ns, None, is_raised=True)
                self._watched[alert.rule, alert.service] = _Watched(phase, alert)
            else:
                gone.append(self._cleared(alert))
        return gone

    def acknowledge(self, marks: Mapping[str, Mark]) -> list[Alert]:
        """Add acknowledgements to the active alerts; return the changed alerts."""
        changed = []
        for (rule, service), watched in self._watched.items():
            alert, mark = watched.alert, marks.get(mark_key(rule, service))
            if alert and mark and mark.acknowledged == alert.id and mark.acknowledged_ns != alert.acknowledged_ns:
                watched.alert = structs.replace(
                    alert, acknowledged_ns=mark.acknowledged_ns, acknowledged_by=mark.acknowledged_by
                )
                changed.append(watched.alert)
        return changed

    def take(self, readings: dict[str, Reading | None]) -> list[Alert]:
        """Evaluate the reading of each rule (None: unknown); return the alerts that were raised or cleared."""
        changed = []
        for name, reading in readings.items():
            rule = self._rules[name]
            services = {service for known, service in self._watched if known == name} | set(reading or ())
            for service in sorted(services):
                changed += self._take_one(rule, service, reading)
        return changed

    def _take_one(self, rule: Rule, service: str, reading: Reading | None) -> list[Alert]:
        watched = self._watched.setdefault((rule.name, service), _Watched())
        found = reading.get(service) if reading else None
        value = found.value if found else None
        if reading is not None and found is None:  # no longer in the reading: the condition is over
            value = rule.clear_at
        now_ns, now_s = self._clock.now_ns(), self._clock.monotonic()
        watched.phase, change = step(rule, watched.phase, value, now_ns=now_ns, now_s=now_s)
        message = rule.text(service=service, value=found.value, names=found.names) if found else None
        if change is Change.RAISED and message:
            watched.alert = Alert(
                rule=rule.name,
                service=service,
                level=rule.level,
                message=message,
                since_ns=watched.phase.since_ns or now_ns,
                raised_ns=now_ns,
            )
            return [watched.alert]
        if change is Change.CLEARED and watched.alert:
            del self._watched[rule.name, service]
            return [self._cleared(watched.alert)]
        if watched.alert and found and message and rule.is_beyond(found.value):
            watched.alert = structs.replace(watched.alert, message=message, level=rule.level)
        if watched.phase == QUIET:
            del self._watched[rule.name, service]
        return []

    def _cleared(self, alert: Alert) -> Alert:
        return structs.replace(alert, cleared_ns=max(self._clock.now_ns(), alert.since_ns + 1))


def in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """Return alerts sorted by level, then newest first."""
    return sorted(alerts, key=lambda alert: (alert.level.rank, -alert.since_ns, alert.rule, alert.service))
