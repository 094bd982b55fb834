"""Recommendations for services with metrics beyond limits: rules as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.answers import ServiceStatistics
from msgspec import Struct


class Level(StrEnum):
    """The severity."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Recommendation(Struct, frozen=True):
    """A recommendation for a service."""

    service: str
    type: str
    level: Level
    message: str
    recommendation: str


class _Rule(Struct, frozen=True):
    """A recommendation if `value` is above one of `limits` (highest first); `text` formats the value."""

    type: str
    value: Callable[[ServiceStatistics], float | None]
    limits: tuple[tuple[float, Level], ...]
    text: str
    recommendation: str


def _failed_percent(service: ServiceStatistics) -> float | None:
    return None if service.success_rate is None else 100.0 - service.success_rate


def _failed_writes_percent(service: ServiceStatistics) -> float | None:
    writes = service.counters.get(Counter.WRITE_ATTEMPTS, 0)
    return 100.0 * service.counters.get(Counter.WRITE_ERRORS, 0) / writes if writes else None


_RULES = (
    _Rule(
        "success_rate",
        _failed_percent,
        ((5.0, Level.CRITICAL), (1.0, Level.WARNING)),
        "{:.1f} % of the events were rejected or failed",
        "Check the rejected events and their reasons (/api/v1/rejected), and the log of the service",
    ),
    _Rule(
        "write_errors",
        _failed_writes_percent,
        ((5.0, Level.CRITICAL), (1.0, Level.WARNING)),
        "{:.1f} % of the writes to the store failed",
        "Run `ha-ingestor doctor` to check the connection to the store and the rights of its token",
    ),
    _Rule(
        "latency",
        lambda service: service.processing_time_ms_p95,
        ((5_000.0, Level.CRITICAL), (1_000.0, Level.WARNING)),
        "5 % of the events took longer than {:.0f} ms",
        "Give the store a faster disk or more memory, or filter out unneeded events (/api/v1/filters)",
    ),
    _Rule(
        "lag",
        lambda service: service.lag_s,
        ((60.0, Level.CRITICAL), (10.0, Level.WARNING)),
        "The oldest event that is not yet stored is {:.0f} s old",
        "Check whether the store accepts writes (/api/v1/health/dependencies). Events are kept on disk until it does",
    ),
    _Rule(
        "queue",
        lambda service: service.queue_depth,
        ((100_000.0, Level.CRITICAL), (10_000.0, Level.WARNING)),
        "{:.0f} events are queued",
        "If the queue grows, use a faster store or filter out events. "
        "After an outage of the store the queue shrinks without action",
    ),
)
_SILENT_S = 60.0


def recommendations(
    services: Iterable[ServiceStatistics], unknown: dict[str, str], now_ns: int
) -> list[Recommendation]:
    """Return the recommendations, sorted by severity, then by service."""
    found = [
        Recommendation(
            name,
            "unreachable",
            Level.CRITICAL,
            f"The service does not answer: {reason}",
            "Check that the service is running, and check its address and INTERNAL_TOKEN",
        )
        for name, reason in unknown.items()
    ]
    for service in services:
        found += filter(None, (_applied(rule, service) for rule in _RULES))
        silent_s = (now_ns - service.last_seen_ns) / NS_PER_S
        if silent_s > _SILENT_S:
            found.append(
                Recommendation(
                    service.service,
                    "silent",
                    Level.WARNING,
                    f"The last report is {silent_s:.0f} s old. Services report every 10 s",
                    "Check that the service is running and can write to the store",
                )
            )
    rank = {Level.CRITICAL: 0, Level.WARNING: 1, Level.INFO: 2}
    return sorted(found, key=lambda each: (rank[each.level], each.service, each.type))


def _applied(rule: _Rule, service: ServiceStatistics) -> Recommendation | None:
    value = rule.value(service)
    if value is None:
        return None
    for limit, level in rule.limits:
        if value > limit:
            return Recommendation(service.service, rule.type, level, rule.text.format(value), rule.recommendation)
    return None
