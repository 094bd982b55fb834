"""JSON forms of statistics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store import answers

from admin_api.http.views import View

SERVICE_NUMBERS = (
    *(counter.value for counter in Counter),
    "events_per_minute",
    "processing_time_ms",
    "processing_time_ms_p95",
    "success_rate",
    "queue_depth",
    "lag_s",
)
"""The metrics of a service; null if unknown."""


def services_view(
    services: Iterable[answers.ServiceStatistics], minutes: float, unknown: Mapping[str, str] | None = None
) -> dict[str, View]:
    """Return services by name; rates are over `minutes`. Services in `unknown` have null metrics and an error."""
    known = {service.service: _service_view(service, minutes) for service in services}
    return known | {name: _unknown_service_view(name, reason) for name, reason in (unknown or {}).items()}


def trend_view(points: Iterable[answers.TrendPoint]) -> list[View]:
    """Return the counts by window."""
    return [{"time": ns_to_rfc3339(point.start_ns), "count": point.count} for point in points]


def _service_view(service: answers.ServiceStatistics, minutes: float) -> View:
    counters = {counter.value: service.counters.get(counter, 0) for counter in Counter}
    return {
        "service": service.service,
        **counters,
        "events_per_minute": counters[Counter.RECEIVED] / minutes,
        "processing_time_ms": service.processing_time_ms,
        "processing_time_ms_p95": service.processing_time_ms_p95,
        "success_rate": service.success_rate,
        "queue_depth": service.queue_depth,
        "lag_s": service.lag_s,
        "last_seen": ns_to_rfc3339(service.last_seen_ns),
        "error": None,
    }


def _unknown_service_view(name: str, reason: str) -> View:
    return {**dict.fromkeys(SERVICE_NUMBERS), "service": name, "last_seen": None, "error": reason}
