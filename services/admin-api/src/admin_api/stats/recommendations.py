"""What to do about a service whose numbers are not what they should be: rules as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.answers import ServiceStatistics
from msgspec import Struct


class Level(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Recommendation(Struct, frozen=True):
    """Something to do about a service."""

    service: str
    type: str
    level: Level
    message: str
    recommendation: str


class _Rule(Struct, frozen=True):
    """Above `limits`, from the worst on, `value` is worth a word; `text` says which value that is."""

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
        "{:.1f} % of what it finished was rejected or failed",
        "Look at the rejected events and their reasons (/api/v1/rejected), and at the log of the service",
    ),
    _Rule(
        "write_errors",
        _failed_writes_percent,
        ((5.0, Level.CRITICAL), (1.0, Level.WARNING)),
        "{:.1f} % of its writes to the store failed",
        "Run `ha-ingestor doctor`: it says whether the store can be reached, and what its token may do",
    ),
    _Rule(
        "latency",
        lambda service: service.processing_time_ms_p95,
        ((5_000.0, Level.CRITICAL), (1_000.0, Level.WARNING)),
        "5 % of the events took longer than {:.0f} ms",
        "Give the store a faster disk or more memory, or filter out events that nobody needs (/api/v1/filters)",
    ),
    _Rule(
        "lag",
        lambda service: service.lag_s,
        ((60.0, Level.CRITICAL), (10.0, Level.WARNING)),
        "The oldest event that is not stored yet is {:.0f} s old",
        "See whether the store takes writes (/api/v1/health/dependencies): events wait on the disk until it does",
    ),
    _Rule(
        "queue",
        lambda service: service.queue_depth,
        ((100_000.0, Level.CRITICAL), (10_000.0, Level.WARNING)),
        "{:.0f} events wait",
        "If the queue grows, more comes than the store can take: a faster store, or filters, help; "
        "if the store was away, it shrinks by itself",
    ),
)
_SILENT_S = 60.0


def recommendations(
    services: Iterable[ServiceStatistics], unknown: dict[str, str], now_ns: int
) -> list[Recommendation]:
    """What to do, the most important first, then by service."""
    found = [
        Recommendation(
            name,
            "unreachable",
            Level.CRITICAL,
            f"It does not answer: {reason}",
            "See whether the service runs, and whether its address and INTERNAL_TOKEN are right",
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
                    f"Its last report is {silent_s:.0f} s old; one comes every 10 s",
                    "See whether the service runs, and whether it can write to the store",
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
