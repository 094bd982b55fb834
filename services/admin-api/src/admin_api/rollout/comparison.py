"""Comparison of the statistics of the store and of the services: counts and the newest differences."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any, cast

from ha_ingestor_core.clock import ns_to_rfc3339
from msgspec import Struct

from admin_api.http.views import View
from admin_api.store.metrics import StoreMetrics

DIFFERENCES_KEPT = 100
_MOMENTARY = frozenset({"queue_depth", "lag_s"})
"""Momentary levels, which differ between two readings."""
_LENGTHS = frozenset({"slot_s", "interval_s"})
"""Lengths of slots and intervals, which are not statistics."""
_COVERAGE_SLACK = timedelta(seconds=30)
"""The coverage of the store starts with the first event, that of the services with the first report."""
_INTERVALS_PER_MINUTE = 6
"""Services report every ten seconds, so a count may differ by the events of one interval."""


class Difference(Struct, frozen=True):
    """A value that differs; `field` is without the name of the service, `place` with it."""

    field: str
    place: str
    store: float
    services: float
    percent: float


class _Tally(Struct):
    compared: int = 0
    differing: int = 0
    largest_percent: float = 0.0


class Comparison:
    """The counts of comparisons since the start, by field, and the newest differences."""

    def __init__(self, tolerance_percent: float, metrics: StoreMetrics) -> None:
        self.tolerance_percent = tolerance_percent
        self._metrics = metrics
        self._answers = self._differing_answers = self._failed = self._not_covered = 0
        self._fields: dict[str, _Tally] = {}
        self._newest: deque[View] = deque(maxlen=DIFFERENCES_KEPT)

    def add(self, now_ns: int, question: str, store: View, services: View) -> list[Difference]:
        """Compare two answers to a query; return the differences beyond the tolerance.

        Answers are not compared if the services remember less of the period than the store holds.
        """
        if not _cover_the_same(store, services):
            self._not_covered += 1
            return []
        self._answers += 1
        self._metrics.comparisons.inc()
        found = []
        for difference in _compared(store, services):
            tally = self._fields.setdefault(difference.field, _Tally())
            tally.compared += 1
            if difference.percent > self.tolerance_percent:
                found.append(difference)
                tally.differing += 1
                tally.largest_percent = max(tally.largest_percent, difference.percent)
                self._metrics.differences.labels(difference.field).inc()
                self._newest.appendleft(
                    {
                        "time": ns_to_rfc3339(now_ns),
                        "question": question,
                        "field": difference.place,
                        "store": difference.store,
                        "services": difference.services,
                        "difference_percent": difference.percent,
                    }
                )
        self._differing_answers += bool(found)
        return found

    def failed(self) -> None:
        """Count a query that the services did not answer."""
        self._failed += 1

    def view(self) -> View:
        """Return the JSON form."""
        return {
            "tolerance_percent": self.tolerance_percent,
            "answers_compared": self._answers,
            "answers_differing": self._differing_answers,
            "answers_not_compared": self._failed,
            "answers_not_covered": self._not_covered,
            "fields": {name: self._fields[name] for name in sorted(self._fields)},
            "differences": list(self._newest),
        }


def _cover_the_same(store: View, services: View) -> bool:
    ours, theirs = store.get("coverage"), services.get("coverage")
    if ours is None or theirs is None or theirs["complete"]:
        return True
    if ours["complete"] or ours["start"] is None or theirs["start"] is None:
        return not ours["complete"] and ours["start"] == theirs["start"]
    return datetime.fromisoformat(theirs["start"]) - datetime.fromisoformat(ours["start"]) <= _COVERAGE_SLACK


def _compared(store: View, services: View) -> list[Difference]:
    """Return the values that both answers have; `percent` is 0 for differences within the slack."""
    ours, theirs = _numbers(store), _numbers(services)
    return [
        Difference(field, place, value, other, _percent(value, other, slack))
        for (field, place), (value, slack) in ours.items()
        if (field, place) in theirs
        for other in [theirs[field, place][0]]
    ]


def _percent(value: float, other: float, slack: float) -> float:
    difference = abs(value - other)
    return 0.0 if difference <= slack else 100.0 * difference / max(abs(value), abs(other))


def _numbers(view: View) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the values of an answer by (field, place), each with its slack: the difference due to timing."""
    metrics = cast("dict[str, Any]", view.get("metrics", view))
    found: dict[tuple[str, str], tuple[float, float]] = {}
    slack = 1.0 + (metrics.get("events_per_minute") or 0.0) / _INTERVALS_PER_MINUTE
    for group in (metrics, metrics.get("overall", {})):
        for name, value in group.items():
            if _is_number(value) and name not in _LENGTHS:
                found[name, name] = (float(value), slack)
    services = metrics.get("services", {})
    for service, numbers in services.items() if isinstance(services, dict) else ():  # heartbeats are a list
        of_service = 1.0 + (numbers["events_per_minute"] or 0.0) / _INTERVALS_PER_MINUTE
        for name, value in numbers.items():
            if _is_number(value) and name not in _MOMENTARY:
                found[f"services.{name}", f"services.{service}.{name}"] = (float(value), of_service)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
