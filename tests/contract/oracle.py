"""Every question of the store answered by brute force over plain Python lists: the truth that dialects are held to."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable

from ha_ingestor_core.events import STATE_CHANGED, OriginKind
from ha_ingestor_core.gaps import Gap, GapStatus
from ha_ingestor_core.service_metrics import Counter, ServiceMetricsPoint
from ha_ingestor_store import answers
from ha_ingestor_store.periods import TimeRange
from ha_ingestor_store.points import EventPoint, RejectedEvent
from ha_ingestor_store.questions import (
    EntityHistory,
    EntityWindows,
    EventCursor,
    GapCursor,
    RecentEvents,
    RecentGaps,
    RecentRejected,
    RejectedCursor,
)


def sort_key(point: EventPoint) -> tuple[int, tuple[str, ...]]:
    """Newest first, then by tags."""
    return (-point.time_ns, tuple(tag or "" for tag in point.series_key))


def gap_order(gap: Gap) -> tuple[int, str, str]:
    """Newest first, then by home and reason."""
    return (-gap.start_ns, gap.home, gap.reason)


def overlaps(gap: Gap, time_range: TimeRange) -> bool:
    """A gap without length is a moment, which lies in the range or does not."""
    return gap.start_ns < time_range.end_ns and max(gap.end_ns, gap.start_ns + 1) > time_range.start_ns


class Oracle:
    """Holds points by their key; of two with one key the higher rank stays, of equal rank the first."""

    def __init__(self) -> None:
        self.points: dict[object, EventPoint] = {}
        self.witnessed: list[int] = []
        self.metrics: dict[object, ServiceMetricsPoint] = {}
        self.rejected: dict[str, RejectedEvent] = {}
        self.kept_gaps: dict[object, Gap] = {}

    def write_events(self, points: Iterable[EventPoint]) -> answers.WriteResult:
        written = duplicate = 0
        for point in points:
            key = (*point.series_key, point.time_ns)
            if point.origin_kind is not OriginKind.SNAPSHOT:
                self.witnessed.append(point.time_ns)
            known = self.points.get(key)
            written += known is None
            duplicate += known is not None
            if known is None or point.origin_kind.rank > known.origin_kind.rank:
                self.points[key] = point
        return answers.WriteResult(written=written, duplicate=duplicate)

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
            by_event_type=dict(Tally(p.event_type for p in found)),
            by_domain=dict(Tally(p.domain for p in found if p.domain)),
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
        counts = Tally(p.time_ns // window_ns for p in self.within(time_range))
        return [answers.TrendPoint(n * window_ns, counts[n]) for n in range(first, last + 1)]

    def recent_events(self, question: RecentEvents) -> answers.EventPage:
        def wanted(p: EventPoint) -> bool:
            if question.entity_id is not None:
                glob = re.escape(question.entity_id).replace(r"\*", "(?s:.)*").replace(r"\?", "(?s:.)")
                if p.entity_id is None or not re.fullmatch(glob, p.entity_id):
                    return False
            if question.cursor:
                after = (-question.cursor.time_ns, tuple(tag or "" for tag in question.cursor.series))
                if sort_key(p) <= after:
                    return False
            return question.domain in (None, p.domain) and question.event_type in (None, p.event_type)

        found = sorted(filter(wanted, self.within(question.time_range)), key=sort_key)
        page = found[: question.limit]
        more = len(found) > question.limit
        return answers.EventPage(page, EventCursor(page[-1].time_ns, page[-1].series_key) if more else None)

    def states(self, entity_id: str, time_range: TimeRange) -> list[EventPoint]:
        found = [p for p in self.within(time_range) if p.entity_id == entity_id and p.event_type == STATE_CHANGED]
        return sorted(found, key=lambda p: p.time_ns)

    def unit(self, entity_id: str) -> str | None:
        of_entity = [p for p in self.points.values() if p.entity_id == entity_id and p.event_type == STATE_CHANGED]
        with_unit = [p for p in of_entity if p.unit is not None]
        return max(with_unit, key=lambda p: p.time_ns).unit if with_unit else None

    def entity_history(self, question: EntityHistory) -> answers.HistoryPage:
        found = self.states(question.entity_id, question.time_range)
        if question.after_ns is not None:
            found = [p for p in found if p.time_ns > question.after_ns]
        page = [answers.HistoryPoint(p.time_ns, p.state, p.value) for p in found[: question.limit]]
        more = len(found) > question.limit
        return answers.HistoryPage(self.unit(question.entity_id), page, page[-1].time_ns if more else None)

    def entity_windows(self, question: EntityWindows) -> answers.WindowsPage:
        windows: dict[int, list[float]] = defaultdict(list)
        for p in self.states(question.entity_id, question.time_range):
            if p.value is not None:
                windows[p.time_ns // question.window_ns * question.window_ns].append(p.value)
        starts = sorted(s for s in windows if question.after_ns is None or s > question.after_ns)
        page = [
            answers.WindowPoint(s, min(windows[s]), mean(windows[s]), max(windows[s]), len(windows[s]))
            for s in starts[: question.limit]
        ]
        more = len(starts) > question.limit
        return answers.WindowsPage(self.unit(question.entity_id), page, page[-1].start_ns if more else None)

    def busiest_entities(self, time_range: TimeRange, limit: int) -> list[answers.EntityCount]:
        counts = Tally(p.entity_id for p in self.within(time_range) if p.entity_id)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [answers.EntityCount(*item) for item in ordered[:limit]]

    def silent_entities(self, before_ns: int, limit: int) -> list[answers.EntitySilence]:
        last: dict[tuple[str, str], EventPoint] = {}
        for p in self.points.values():
            if p.event_type == STATE_CHANGED and p.entity_id:
                known = last.get((p.home, p.entity_id))
                if known is None or p.time_ns > known.time_ns:
                    last[p.home, p.entity_id] = p
        newest: dict[str, int] = {}
        for (_, entity_id), p in last.items():
            if not p.removed:
                newest[entity_id] = max(p.time_ns, newest.get(entity_id, p.time_ns))
        silent = sorted((t, e) for e, t in newest.items() if t < before_ns)
        return [answers.EntitySilence(e, t) for t, e in silent[:limit]]

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

    def write_rejected(self, events: Iterable[RejectedEvent]) -> None:
        for event in events:
            self.rejected.setdefault(event.id, event)

    def mark_replayed(self, replayed: RejectedEvent) -> None:
        self.rejected[replayed.id] = replayed

    def rejected_within(self, question: RecentRejected) -> list[RejectedEvent]:
        def wanted(event: RejectedEvent) -> bool:
            asked = (question.home, question.service, question.key)
            same = zip(asked, (event.home, event.service, event.key), strict=True)
            within = question.time_range.start_ns <= event.time_ns < question.time_range.end_ns
            return within and all(a is None or a == b for a, b in same)

        return sorted(filter(wanted, self.rejected.values()), key=lambda event: (-event.time_ns, event.id))

    def rejected_events(self, question: RecentRejected) -> answers.RejectedPage:
        found = self.rejected_within(question)
        if question.cursor:
            after = (-question.cursor.time_ns, question.cursor.id)
            found = [event for event in found if (-event.time_ns, event.id) > after]
        page = found[: question.limit]
        cursor = RejectedCursor(page[-1].time_ns, page[-1].id) if len(found) > question.limit else None
        return answers.RejectedPage(page, cursor)

    def rejected_counts(self, question: RecentRejected) -> dict[str, int]:
        return dict(Tally(event.key for event in self.rejected_within(question)))

    def service_sums(self, time_range: TimeRange) -> dict[str, Tally[str]]:
        sums: dict[str, Tally[str]] = {}
        for p in self.metrics.values():
            if time_range.start_ns <= p.time_ns < time_range.end_ns:
                sums.setdefault(p.service, Tally()).update(p.counters)
        return sums

    def error_rate(self, time_range: TimeRange) -> answers.ErrorRate:
        sums = self.service_sums(time_range).values()
        return answers.ErrorRate(
            sum(s[Counter.WRITE_ATTEMPTS] for s in sums), sum(s[Counter.WRITE_ERRORS] for s in sums)
        )


def mean(values: list[float]) -> float:
    """Exact, whatever the order: by fractions."""
    from fractions import Fraction

    return float(sum(map(Fraction, values)) / len(values))
