"""Alerts on the rates of a period, computed from its statistics; `alerts` has the continuously evaluated rules."""

from __future__ import annotations

from collections.abc import Iterable

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_store.answers import ServiceStatistics

from admin_api.http.views import View

HIGHEST_ERROR_RATE_PERCENT = 5.0
LOWEST_SUCCESS_RATE_PERCENT = 95.0


def rate_alerts(error_rate_percent: float | None, services: Iterable[ServiceStatistics], now_ns: int) -> list[View]:
    """Return `{level, service, message, timestamp}` for each rate beyond its limit; unknown rates are skipped."""
    found = []
    if error_rate_percent is not None and error_rate_percent > HIGHEST_ERROR_RATE_PERCENT:
        found.append(("error", "system", f"High error rate: {_percent(error_rate_percent)}"))
    found += [
        ("warning", each.service, f"Low success rate: {_percent(each.success_rate)}")
        for each in services
        if each.success_rate is not None and each.success_rate < LOWEST_SUCCESS_RATE_PERCENT
    ]
    timestamp = ns_to_rfc3339(now_ns)
    return [
        {"level": level, "service": service, "message": message, "timestamp": timestamp}
        for level, service, message in found
    ]


def _percent(value: float) -> str:
    """Format with at most two decimals, or all if two would round to the limit itself."""
    limits = (HIGHEST_ERROR_RATE_PERCENT, LOWEST_SUCCESS_RATE_PERCENT)
    return f"{value if round(value, 2) in limits else round(value, 2)}%"
