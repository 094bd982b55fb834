"""Answers every query of a store by brute force over Python lists: the reference for all dialects."""

from __future__ import annotations

import collections
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from statistics import fmean

from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap, GapStatus
from ha_ingestor_core.service_metrics import (
    LATENCY_BUCKETS,
    LATENCY_SUM,
    Counter,
    Level,
    ServiceMetricsPoint,
    latency_quantile,
    success_rate,
)
from ha_ingestor_core.units import conversion
from ha_ingestor_store import answers
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.questions import (
    AlertCursor,
    EntityHistory,
    EntityWindows,
    EventCursor,
    GapCursor,
    KnownEntities,
    RecentAlerts,
    RecentEvents,
    RecentGaps,
    SilentEntities,
)
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, TimeRange

MIN_NS = -(2**63)
EVER = TimeRange(MIN_NS, 2**63 - 1)


def sort_key(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """Newest first, then by tags."""
    return (-point.time_ns, tuple(tag or "" for tag in point.series_key))


def gap_order(gap: Gap) -> tuple[int, str, str]:
    """Newest first, then by home and reason."""
    return (-gap.start_ns, gap.home, gap.reason)


def alert_order(alert: Alert) -> tuple[int, str, str]:
    """Newest first, then by rule and service."""
    return (-alert.since_ns, alert.rule, alert.service)


def is_active_in(alert: Alert, time_range: TimeRange) -> bool:
    """Return whether an alert overlaps a range: an active one has no end, one that was cleared at once is a moment."""
    ends_later = alert.cleared_ns is None or max(alert.cleared_ns, alert.since_ns + 1) > time_range.start_ns
    return alert.since_ns < time_range.end_ns and ends_later


def overlaps(gap: Gap, time_range: TimeRange) -> bool:
    """Return whether a gap overlaps a range; a gap without length is a moment."""
    return gap.start_ns < time_range.end_ns and max(gap.end_ns, gap.start_ns + 1) > time_range.start_ns


class Oracle:
    """Keeps points by key; of two points with one key it keeps the one with the higher rank, or the first."""

    def __init__(self) -> None:
        self.points: dict[object, EventPoint] = {}
        self.witnessed: list[int] = []
        self.signs: list[tuple[str, str, int]] = []
        self.observed: dict[object, WeatherObservation] = {}
        self.metrics: dict[object, ServiceMetricsPoint] = {}
        self.kept_gaps: dict[object, Gap] = {}
        self.kept_alerts: dict[object, Alert] = {}

    def write_events(self, points: Iterable[EventPoint]) -> answers.WriteResult:
        written, duplicates = 0, []
        for index, point in enumerate(points):
            key = (*point.series_key, point.time_ns)
            if point.origin_kind is not OriginKind.SNAPSHOT:
                self.witnessed.append(point.time_ns)
            known = self.points.get(key)
            if known is None:
                written += 1
            else:
                duplicates.append(index)
            if known is None or point.origin_kind.rank > known.origin_kind.rank:
                self.points[key] = point
        return answers.WriteResult(written, duplicates)

    def write_alive(self, signs: Iterable[Alive]) -> None:
        self.signs += [(sign.home, sign.entity_id, sign.time_ns) for sign in signs]

    def write_weather(self, told: Iterable[WeatherObservation]) -> None:
        for each in told:
            self.observed[each.home, each.source, each.time_ns] = each

    def weather(self, time_range: TimeRange, limit: int) -> list[WeatherObservation]:
        within = [each for each in self.observed.values() if time_range.start_ns <= each.time_ns < time_range.end_ns]
        return sorted(within, key=lambda each: (-each.time_ns, each.home, each.source))[:limit]

    def write_service_metrics(self, points: Iterable[ServiceMetricsPoint]) -> None:
        for point in points:
            self.metrics[point.service, point.time_ns, point.instance] = point

    def within(self, time_range: TimeRange) -> list[EventPoint]:
        return [p for p in self.points.values() if time_range.start_ns <= p.time_ns < time_range.end_ns]

    def event_statistics(self, time_range: TimeRange) -> answers.EventStatistics:
        found = self.within(time_range)
        start = min(self.witnessed, default=None)
        return answers.EventStatistics(
            total=len(found),
            by_event_type=dict(collections.Counter(p.event_type for p in found)),
            by_domain=dict(collections.Counter(p.domain for p in found if p.domain)),
            coverage=answers.Coverage(None, False)
            if start is None
            else answers.Coverage(max(start, time_range.start_ns), start <= time_range.start_ns),
        )

    def event_count(self, time_range: TimeRange) -> answers.EventCount:
        statistics = self.event_statistics(time_range)
        return answers.EventCount(statistics.total, statistics.coverage)

    def event_trend(self, time_range: TimeRange, window_ns: int) -> list[answers.TrendPoint]:
        first = time_range.start_ns // window_ns
        last = (time_range.end_ns - 1) // window_ns
        counts = collections.Counter(p.time_ns // window_ns for p in self.within(time_range))
        return [answers.TrendPoint(n * window_ns, counts[n]) for n in range(first, last + 1)]

    def recent_events(self, question: RecentEvents) -> answers.EventPage:
        def wanted(p: EventPoint) -> bool:
            if question.entity_id and not set("*?") & set(question.entity_id):
                if p.entity_id is None or not self.is_now(p, question.entity_id):
                    return False
            elif question.entity_id is not None:
                glob = re.escape(question.entity_id).replace(r"\*", "(?s:.)*").replace(r"\?", "(?s:.)")
                if p.entity_id is None or not re.fullmatch(glob, p.entity_id):
                    return False
            if question.cursor:
                after = (-question.cursor.time_ns, tuple(tag or "" for tag in question.cursor.series))
                if sort_key(p) <= after:
                    return False
            if question.area not in (None, p.area):
                return False
            return question.domain in (None, p.domain) and question.event_type in (None, p.event_type)

        found = sorted(filter(wanted, self.within(question.time_range)), key=sort_key)
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    def states(self, home: str, entity_id: str, time_range: TimeRange) -> list[EventPoint]:
        states = [p for p in self.within(time_range) if p.event_type == STATE_CHANGED and p.home == home]
        found = [p for p in states if self.is_now(p, entity_id)]
        return sorted(found, key=lambda p: p.time_ns)

    def homes(self) -> list[str]:
        return sorted({p.home for p in self.points.values()})

    def entity_homes(self, entity_id: str) -> list[str]:
        states = [p for p in self.points.values() if p.event_type == STATE_CHANGED]
        return sorted({p.home for p in states if p.entity_id == entity_id or self.is_now(p, entity_id)})

    def unit(self, home: str, entity_id: str) -> str | None:
        units = [p.unit for p in self.states(home, entity_id, EVER) if p.unit is not None]
        return units[-1] if units else None

    def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        found = self.states(question.home, question.entity_id, question.time_range)
        if question.after_ns is not None:
            found = [p for p in found if p.time_ns > question.after_ns]
        page = [answers.HistoryPoint(p.time_ns, p.state, p.value, p.unit) for p in found[: question.limit]]
        more = len(found) > question.limit
        unit = self.unit(question.home, question.entity_id)
        return answers.HistoryPage(unit, page, page[-1].time_ns if more else None)

    def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        """Compute windows state by state: each value lasts until the next one, cut at every window, as fractions."""
        window_ns, unit = question.window_ns, self.unit(question.home, question.entity_id)
        start_ns, end_ns = question.time_range.start_ns, question.time_range.end_ns
        states = self.states(question.home, question.entity_id, TimeRange(MIN_NS, end_ns))
        held: dict[tuple[int, str], list[tuple[Fraction, int]]] = defaultdict(list)
        counts: collections.Counter[tuple[int, str]] = collections.Counter()
        converted: dict[tuple[int, str], set[str]] = defaultdict(set)
        for at, p in enumerate(states):
            if p.value is None:
                continue
            value, shown = in_unit(p.value, p.unit, unit)
            is_last = at + 1 == len(states)
            until_ns = min(end_ns, max(question.now_ns, p.time_ns + 1)) if is_last else states[at + 1].time_ns
            if p.time_ns >= start_ns:
                counts[p.time_ns // window_ns, shown or ""] += 1
            from_ns = max(p.time_ns, start_ns)
            while from_ns < until_ns:
                key = (from_ns // window_ns, shown or "")
                cut_ns = min(until_ns, (key[0] + 1) * window_ns)
                held[key].append((Fraction(value), cut_ns - from_ns))
                if shown != p.unit:
                    converted[key].add(p.unit or "")
                from_ns = cut_ns
        starts = sorted({n for n, _ in held if question.after_ns is None or n * window_ns > question.after_ns})
        page = [
            answers.WindowPoint(
                start_ns=key[0] * window_ns,
                min=float(min(value for value, _ in held[key])),
                mean=float(sum(value * ns for value, ns in held[key]) / sum(ns for _, ns in held[key])),
                max=float(max(value for value, _ in held[key])),
                count=counts[key],
                unit=None if key[1] == "" and unit != "" else key[1],
                converted_from=tuple(sorted(converted[key])),
            )
            for key in sorted(held)
            if key[0] in starts[: question.limit]
        ]
        more = len(starts) > question.limit
        return answers.WindowsPage(unit, page, page[-1].start_ns if more else None)

    def renames(self) -> list[tuple[int, str, str, str]]:
        told: list[tuple[int, str, str, str]] = []
        for p in self.points.values():
            data = json.loads(p.data or "{}") if p.event_type == "entity_registry_updated" else {}
            if data.get("old_entity_id"):
                told.append((p.time_ns, p.home, data["old_entity_id"], data["entity_id"]))
        found: list[tuple[int, str, str, str]] = []
        for rename in sorted(told):
            _, home, old, new = rename
            touching = [[r for r in found if r[1] == home and name in r[2:]] for name in (old, new)]
            last = [each[-1] for each in touching if each]
            if len(last) < 2 or last[0] != last[1] or last[0][2:] != (old, new):
                found.append(rename)
        return found

    def holder(self, p: EventPoint) -> tuple[str, int]:
        """Return the current id of the entity that had an id at the time of an event, and since when it has that id."""
        assert p.entity_id is not None
        name, since = p.entity_id, MIN_NS
        for time_ns, home, *ids in self.renames():
            if home == p.home and time_ns <= p.time_ns and p.entity_id in ids:
                since = time_ns
        for time_ns, home, old, new in self.renames():
            if home == p.home and time_ns > max(p.time_ns, since):
                if name == old:
                    name, since = new, time_ns
                elif name == new:
                    break  # another entity has the id now
        return name, since

    def is_now(self, p: EventPoint, entity_id: str) -> bool:
        """Return whether an event belongs to the entity that has this id now."""
        latest = max((t for t, home, *ids in self.renames() if home == p.home and entity_id in ids), default=MIN_NS)
        return self.holder(p) == (entity_id, latest)

    def busiest_entities(self, time_range: TimeRange, limit: int) -> list[answers.EntityCount]:
        counts = collections.Counter((self.holder(p)[0], p.home) for p in self.within(time_range) if p.entity_id)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [answers.EntityCount(home, entity_id, count) for (entity_id, home), count in ordered[:limit]]

    def known_entities(self, question: KnownEntities) -> list[answers.KnownEntity]:
        newest: dict[tuple[str, str], EventPoint] = {}
        for p in sorted(self.within(question.time_range), key=lambda p: p.time_ns):
            if p.event_type == STATE_CHANGED and p.entity_id and question.homes.include(p.home):
                newest[p.home, p.entity_id] = p
        return [
            answers.KnownEntity(
                home=home,
                entity_id=entity_id,
                **{name: getattr(p, name) for name in answers.KnownEntity.__struct_fields__[2:]},
            )
            for (home, entity_id), p in sorted(newest.items())
            if question.entity_id in (None, entity_id) and self.is_now(p, entity_id)
        ]

    def silent_entities(self, question: SilentEntities) -> list[answers.EntitySilence]:
        found = []
        states = [p for p in self.points.values() if p.event_type == STATE_CHANGED and p.entity_id]
        since_ns = (question.now_ns - 30 * DAY_NS) // HOUR_NS * HOUR_NS
        for home, entity_id in {(p.home, p.entity_id or "") for p in states}:
            own = [p for p in states if p.home == home and self.is_now(p, entity_id)]
            last = max((p for p in own if p.entity_id == entity_id), key=lambda p: p.time_ns, default=None)
            if last is None or last.removed:
                continue
            signs = [t for h, e, t in self.signs if (h, e) == (home, entity_id) and t >= since_ns]
            seen_ns = max([last.time_ns, *signs])
            hours = {t // HOUR_NS for t in [*signs, *(p.time_ns for p in own if p.time_ns >= since_ns)]}
            hours_usual = usual_hours(hours, seen_ns // HOUR_NS)
            usual_ns = None if hours_usual is None else hours_usual * HOUR_NS
            silence = answers.EntitySilence(home, entity_id, seen_ns, last.time_ns, question.now_ns - seen_ns, usual_ns)
            if question.before_ns is not None:
                if seen_ns < question.before_ns:
                    found.append(((Fraction(seen_ns), home, entity_id), silence))
            elif silence.factor is not None and silence.factor >= question.factor:
                found.append(((Fraction(-silence.factor), home, entity_id), silence))
        return [silence for _, silence in sorted(found, key=lambda item: item[0])[: question.limit]]

    def write_alerts(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            self.kept_alerts[alert.since_ns, alert.rule, alert.service] = alert

    def alerts(self, question: RecentAlerts) -> answers.AlertPage:
        of_rule = [alert for alert in self.kept_alerts.values() if question.rule in (None, alert.rule)]
        found = sorted((alert for alert in of_rule if is_active_in(alert, question.time_range)), key=alert_order)
        if question.cursor:
            after = (-question.cursor.since_ns, question.cursor.rule, question.cursor.service)
            found = [alert for alert in found if alert_order(alert) > after]
        page = found[: question.limit]
        more = len(found) > question.limit
        cursor = AlertCursor(page[-1].since_ns, page[-1].rule, page[-1].service) if more else None
        return answers.AlertPage(page, cursor)

    def write_gaps(self, gaps: Iterable[Gap]) -> None:
        for gap in gaps:
            self.kept_gaps[gap.home, gap.start_ns, gap.reason] = gap

    def gaps(self, question: RecentGaps) -> answers.GapPage:
        of_home = [gap for gap in self.kept_gaps.values() if question.home in (None, gap.home)]
        found = sorted((gap for gap in of_home if overlaps(gap, question.time_range)), key=gap_order)
        if question.cursor:
            after = (-question.cursor.start_ns, question.cursor.home, question.cursor.reason)
            found = [gap for gap in found if gap_order(gap) > after]
        page = found[: question.limit]
        cursor = GapCursor(page[-1].start_ns, page[-1].home, page[-1].reason) if len(found) > question.limit else None
        return answers.GapPage(page, cursor, sum(gap.status is GapStatus.OPEN for gap in of_home))

    def service_sums(self, time_range: TimeRange) -> dict[str, collections.Counter[str]]:
        sums: dict[str, collections.Counter[str]] = {}
        for p in self.metrics.values():
            if time_range.start_ns <= p.time_ns < time_range.end_ns:
                sums.setdefault(p.service, collections.Counter()).update(p.counters)
        return sums

    def service_trend(
        self, service: str, name: str, time_range: TimeRange, window_ns: int
    ) -> list[answers.ServiceTrendPoint]:
        windows: dict[int, list[float]] = defaultdict(list)
        for p in self.metrics.values():
            fields = {**p.counters, **p.levels}
            if p.service == service and time_range.start_ns <= p.time_ns < time_range.end_ns and name in fields:
                windows[p.time_ns // window_ns * window_ns].append(fields[name])
        value_of = fmean if name in set(Level) else sum
        return [answers.ServiceTrendPoint(start, value_of(found)) for start, found in sorted(windows.items())]

    def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[answers.ServiceWindow]:
        windows: dict[tuple[str, int], list[ServiceMetricsPoint]] = defaultdict(list)
        for p in self.metrics.values():
            reports = p.counters or p.levels.keys() & {LATENCY_SUM, Level.QUEUE_DEPTH, Level.LAG_S}
            if reports and service in (None, p.service) and time_range.start_ns <= p.time_ns < time_range.end_ns:
                windows[p.service, p.time_ns // window_ns * window_ns].append(p)
        return [_service_window(name, start_ns, found) for (name, start_ns), found in sorted(windows.items())]

    def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        sums = self.service_sums(time_range).values()
        return answers.ErrorRate(
            sum(s[Counter.WRITE_ATTEMPTS] for s in sums), sum(s[Counter.WRITE_ERRORS] for s in sums)
        )


def _service_window(service: str, start_ns: int, points: list[ServiceMetricsPoint]) -> answers.ServiceWindow:
    sums: collections.Counter[str] = collections.Counter()
    for point in points:
        sums.update(point.counters)
    buckets = [sums[name] for name in LATENCY_BUCKETS]
    latency_sum = sum(p.levels.get(LATENCY_SUM, 0.0) for p in points)
    highest = {
        level: max((p.levels[level] for p in points if level in p.levels), default=None)
        for level in (Level.QUEUE_DEPTH, Level.LAG_S)
    }
    return answers.ServiceWindow(
        service=service,
        start_ns=start_ns,
        counters={counter.value: sums[counter] for counter in Counter},
        processing_time_ms=latency_sum / buckets[-1] if buckets[-1] else None,
        processing_time_ms_p50=latency_quantile(0.5, buckets),
        processing_time_ms_p95=latency_quantile(0.95, buckets),
        success_rate=success_rate(sums),
        queue_depth_max=highest[Level.QUEUE_DEPTH],
        lag_s_max=highest[Level.LAG_S],
    )


def usual_hours(heard: set[int], last: int) -> int | None:
    """Return the usual interval: the longest interval of each day in hours, and of those the usual one."""
    known = {hour for hour in heard if last - 14 * 24 <= hour <= last}
    days = (last - min(known)) // 24 if known else 0
    longest = []
    for day in range(days):
        hours = range(last - 24 * day - 23, last - 24 * day + 1)
        longest.append(max(hour - max(h for h in known if h < hour) for hour in hours))
    return sorted(longest)[-(-4 * days // 5) - 1] if days >= 3 else None


def in_unit(value: float, unit: str | None, wanted: str | None) -> tuple[float, str | None]:
    """Convert a value to the requested unit, if that is possible."""
    convert = conversion(unit, wanted) if unit != wanted else None
    if convert is None or not math.isfinite(convert(value)):
        return value, unit
    return convert(value), wanted
