"""The store's answers, put together from small answers of a language in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest
from ha_ingestor_core.service_metrics import LATENCY_BUCKETS, LATENCY_SUM, Level
from ha_ingestor_store.answers import EntityCount, EntitySilence, ErrorRate, HistoryPoint
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Entity, EventFilter, Part, with_length
from ha_ingestor_store.influx.queries.rows import Counted, EntityTime, FieldRow, WindowSums
from ha_ingestor_store.influx.reading.reader import InfluxReader
from ha_ingestor_store.influx.rollups.progress import Progress, Windows
from ha_ingestor_store.influx.schema import MAX_TIME_NS, MIN_TIME_NS, SUMMED_METRICS
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.questions import EntityHistory, EntityWindows, EventCursor, RecentEvents, SilentEntities
from ha_ingestor_store.silent_entities import LastChange
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

MARK = Windows(10 * DAY_NS)
ROLLED_UP = Progress(
    events={MINUTE_NS: MARK, HOUR_NS: MARK, DAY_NS: MARK},
    services={HOUR_NS: MARK, DAY_NS: MARK},
    captured_from_ns=DAY_NS,
)
EVER = TimeRange(-(10**30), 10**30)
RAW = "home_assistant_events"


class FakeLanguage:
    """Tells what it is given, and remembers the parts and ranges that it was asked about."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.asked: list[Any] = []

    async def counts(self, parts: Sequence[Part], by: tuple[str, ...]) -> Any:
        self.asked += parts
        return self.told.get("counts", [])

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> Any:
        self.asked += parts
        return self.told.get("window_counts", [])

    async def service_sums(self, parts: Sequence[Part], names: tuple[str, ...], service: str | None) -> Any:
        self.asked.append((list(parts), names, service))
        return self.told.get("service_sums", {})

    async def level_means(self, service: str, start_ns: int, end_ns: int) -> Any:
        self.asked.append(("level_means", service))
        return self.told.get("level_means", {})

    async def service_windows(self, *asked: Any, is_summed: bool) -> Any:
        self.asked.append((*asked, is_summed))
        return self.told.get("service_windows", [])

    async def window_sums(self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]) -> Any:
        self.asked.append((part, window_ns, by, fields))
        return self.told.get("window_sums", [])

    async def newest_reports(self, start_ns: int, end_ns: int, service: str | None) -> Any:
        self.asked.append((start_ns, end_ns, service))
        return self.told.get("newest_reports", [])

    async def events_at(self, wanted: EventFilter, time_ns: int) -> int:
        return sum(point.time_ns == time_ns for point in self.told["events"])

    async def newest_events(self, wanted: EventFilter, start_ns: int, end_ns: int, limit: int) -> list[EventPoint]:
        self.asked.append((wanted, start_ns, end_ns, limit))
        inside = [point for point in self.told["events"] if start_ns <= point.time_ns < end_ns]
        newest = sorted((point.time_ns for point in inside), reverse=True)[:limit]
        return [point for point in inside if point.time_ns >= newest[-1]] if newest else []

    async def states(self, entity: Entity, start_ns: int, end_ns: int, limit: int) -> Any:
        return [point for point in self.told["states"] if start_ns <= point.time_ns < end_ns][:limit]

    async def last_state(self, entity: Entity, start_ns: int, end_ns: int) -> Any:
        return next((point for point in reversed(self.told["states"]) if start_ns <= point.time_ns < end_ns), None)

    async def last_unit(self, entity: Entity, start_ns: int, end_ns: int) -> Any:
        return "W"

    async def entity_heads(
        self, start_ns: int, end_ns: int, entity_ids: Sequence[str] | None = None
    ) -> list[LastChange]:
        self.asked.append((start_ns, end_ns, entity_ids))
        heads: list[LastChange] = self.told["entity_heads"]
        return [
            head
            for head in heads
            if start_ns <= head.time_ns < end_ns and (entity_ids is None or head.entity_id in entity_ids)
        ]

    async def last_windows(self, part: Part) -> list[EntityTime]:
        self.asked.append(part)
        windows: list[EntityTime] = self.told.get("last_windows", [])
        return windows

    async def last_signs(self, start_ns: int, end_ns: int) -> list[EntityTime]:
        return []

    async def signs(self, entity_ids: Sequence[str], start_ns: int, end_ns: int) -> list[EntityTime]:
        return []

    async def changed_windows(self, parts: Sequence[Part], entity_ids: Sequence[str], window_ns: int) -> Any:
        return self.told.get("changed_windows", [])


def questions(language: FakeLanguage, progress: Progress = ROLLED_UP) -> InfluxReader:
    async def known() -> Progress:
        return progress

    return InfluxReader(cast("Database", language), known)


async def test_a_count_is_asked_of_rollups_and_of_raw_edges() -> None:
    language = FakeLanguage(counts=[Counted((), 3), Counted((), 4)])
    minute = DAY_NS - HOUR_NS - MINUTE_NS
    answer = await questions(language).event_count(TimeRange(minute - 5, 2 * DAY_NS))
    assert answer.total == 7
    assert language.asked == [
        Part(RAW, False, minute - 5, minute),
        Part("events_1m", True, minute, minute + MINUTE_NS),
        Part("events_1h", True, DAY_NS - HOUR_NS, DAY_NS),
        Part("events_1d", True, DAY_NS, 2 * DAY_NS),
    ]


async def test_without_a_progress_raw_points_answer_everything() -> None:
    language = FakeLanguage()
    await InfluxReader(cast("Database", language)).event_count(TimeRange(0, DAY_NS))
    assert language.asked == [Part(RAW, False, 0, DAY_NS)]


async def test_a_range_beyond_the_calendar_is_cut() -> None:
    language = FakeLanguage()
    await questions(language, Progress()).event_count(EVER)
    assert language.asked == [Part(RAW, False, MIN_TIME_NS, MAX_TIME_NS)]


@pytest.mark.parametrize(
    ("start_ns", "from_ns", "complete"),
    [(0, DAY_NS, False), (DAY_NS, DAY_NS, True), (2 * DAY_NS, 2 * DAY_NS, True)],
)
async def test_an_answer_tells_from_when_it_counts(start_ns: int, from_ns: int, complete: bool) -> None:
    coverage = (await questions(FakeLanguage()).event_count(TimeRange(start_ns, 9 * DAY_NS))).coverage
    assert (coverage.start_ns, coverage.complete) == (from_ns, complete)


async def test_before_anything_was_captured_no_answer_counts() -> None:
    coverage = (await questions(FakeLanguage(), Progress()).event_count(TimeRange(0, 1))).coverage
    assert (coverage.start_ns, coverage.complete) == (None, False)


async def test_statistics_are_sums_over_all_parts() -> None:
    told = [Counted(("a", "light"), 1), Counted(("a", None), 2), Counted(("b", "light"), 4), Counted(("a", "light"), 8)]
    answer = await questions(FakeLanguage(counts=told)).event_statistics(TimeRange(0, DAY_NS))
    assert (answer.total, answer.by_event_type, answer.by_domain) == (15, {"a": 11, "b": 4}, {"light": 13})


async def test_a_trend_has_every_window_and_uses_rollups_that_fit() -> None:
    language = FakeLanguage(window_counts=[(5 * MINUTE_NS, 1), (6 * MINUTE_NS, 2), (10 * MINUTE_NS, 4)])
    trend = await questions(language).event_trend(TimeRange(0, 15 * MINUTE_NS), 5 * MINUTE_NS)
    assert [(point.start_ns, point.count) for point in trend] == [(0, 0), (5 * MINUTE_NS, 3), (10 * MINUTE_NS, 4)]
    assert language.asked == [Part("events_1m", True, 0, 15 * MINUTE_NS)]


async def test_a_trend_uses_no_rollup_that_is_longer_than_its_windows() -> None:
    language = FakeLanguage()
    await questions(language).event_trend(TimeRange(0, DAY_NS), 12 * HOUR_NS)
    assert language.asked == [Part("events_1h", True, 0, DAY_NS)]


async def test_the_error_rate_is_over_all_services() -> None:
    sums = {"a": {"write_attempts": 10.0}, "b": {"write_attempts": 30.0, "write_errors": 4.0}}
    language = FakeLanguage(service_sums=sums)
    rate = await questions(language).error_rate(TimeRange(0, HOUR_NS + 5))
    assert rate == ErrorRate(40, 4)
    parts = [Part("services_1h", True, 0, HOUR_NS), Part("service_metrics", False, HOUR_NS, HOUR_NS + 5)]
    assert language.asked == [(parts, ("write_attempts", "write_errors"), None)]


async def test_a_service_is_told_by_sums_and_the_newest_reports_of_its_instances() -> None:
    buckets = dict.fromkeys(LATENCY_BUCKETS, 4.0)
    sums = {"s": {"events_processed": 3.0, "events_failed": 1.0, **buckets, LATENCY_SUM: 2.0}}
    newest = [FieldRow("s", "a", "queue_depth", 8, 1.0), FieldRow("s", "b", "lag_s", 9, 0.5)]
    language = FakeLanguage(service_sums=sums, newest_reports=newest)
    (answer,) = await questions(language).service_statistics(TimeRange(0, HOUR_NS), "s")
    assert language.asked == [([Part("services_1h", True, 0, HOUR_NS)], SUMMED_METRICS, "s"), (0, HOUR_NS, "s")]
    assert answer.counters["events_processed"] == 3
    assert (answer.success_rate, answer.processing_time_ms, answer.processing_time_ms_p95) == (75.0, 0.5, 0.95)
    assert (answer.queue_depth, answer.lag_s, answer.last_seen_ns) == (1.0, 0.5, 9)
    assert ("level_means", "s") not in language.asked


async def test_a_service_that_writes_levels_alone_is_told_by_their_means() -> None:
    means = {Level.PROCESSING_TIME_MS: 7.0, Level.PROCESSING_TIME_MS_P95: 9.0, Level.SUCCESS_RATE: 99.0}
    language = FakeLanguage(newest_reports=[FieldRow("s", "", "success_rate", 9, 98.0)], level_means=means)
    (answer,) = await questions(language).service_statistics(TimeRange(0, 10))
    assert (answer.processing_time_ms, answer.processing_time_ms_p95, answer.success_rate) == (7.0, 9.0, 99.0)


async def test_a_service_whose_reports_have_expired_is_known_by_its_sums() -> None:
    language = FakeLanguage(service_sums={"s": {"events_received": 3.0}})
    (answer,) = await questions(language).service_statistics(TimeRange(DAY_NS, 2 * DAY_NS))
    assert (answer.service, answer.last_seen_ns) == ("s", DAY_NS)


async def test_a_trend_of_a_service_is_summed_or_averaged_by_its_metric() -> None:
    language = FakeLanguage(service_windows=[(2 * HOUR_NS + 5, 2.0), (HOUR_NS, 1.0), (2 * HOUR_NS, 3.0)])
    trend = await questions(language).service_trend("s", "events_received", TimeRange(0, DAY_NS), HOUR_NS)
    assert [(point.start_ns, point.value) for point in trend] == [(HOUR_NS, 1.0), (2 * HOUR_NS, 5.0)]
    await questions(language).service_trend("s", "lag_s", TimeRange(0, DAY_NS), HOUR_NS)
    assert [asked[-1] for asked in language.asked] == [True, False]


async def test_windows_of_services_come_from_hours_and_the_reports_at_the_edges() -> None:
    told = [
        WindowSums(2 * HOUR_NS + 5, ("s",), {"events_received": 2.0, "lag_s": 3.0}),
        WindowSums(0, ("other",), {"lag_s": 1.0}),
    ]
    language = FakeLanguage(window_sums=told)
    windows = await questions(language).service_windows(TimeRange(5, 3 * HOUR_NS), HOUR_NS, "s")
    assert [asked[0].measurement for asked in language.asked] == ["service_metrics", "services_1h"]
    (window,) = windows
    assert (window.start_ns, window.counters["events_received"], window.lag_s_max) == (2 * HOUR_NS, 4, 3.0)


async def test_an_unknown_metric_is_not_asked_for() -> None:
    language = FakeLanguage()
    assert await questions(language).service_trend("s", 'x") |> drop', TimeRange(0, 1), HOUR_NS) == []
    assert language.asked == []


async def test_latest_metrics_are_those_of_each_newest_report() -> None:
    rows = [
        FieldRow("s", "a", "lag_s", 9, 1.0),
        FieldRow("s", "a", "events_received", 9, 2.0),
        FieldRow("s", "a", "queue_depth", 8, 3.0),
        FieldRow("s", "a", "of_somebody_else", 9, 4.0),
        FieldRow("r", "", "lag_s", 5, 5.0),
    ]
    found = await questions(FakeLanguage(newest_reports=rows)).latest_metrics(limit=2)
    assert [(row.service, row.name, row.time_ns) for row in found] == [("r", "lag_s", 5), ("s", "events_received", 9)]


def event(time_ns: int, entity_id: str = "light.a") -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, "light", entity_id)


async def test_pages_of_events_hold_each_once_in_order() -> None:
    crowd = [event(5, f"light.{name}") for name in "dcba"]
    language = FakeLanguage(events=[event(9), *crowd, event(4), event(1)])
    found: list[EventPoint] = []
    cursor: EventCursor | None = None
    for _ in range(10):
        page = await questions(language).recent_events(RecentEvents(EVER, limit=2, cursor=cursor))
        assert len(page.events) <= 2
        found += page.events
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [event(9), *reversed(crowd), event(4), event(1)]


async def test_the_empty_glob_matches_nothing() -> None:
    language = FakeLanguage(events=[event(1)])
    assert (await questions(language).recent_events(RecentEvents(EVER, entity_id=""))).events == []
    assert language.asked == []


async def test_pages_of_history_hold_each_once() -> None:
    under_test = questions(FakeLanguage(states=[HistoryPoint(at, str(at), None) for at in (1, 2, 3, 4)]))
    first = await under_test.entity_history(EntityHistory("home", "light.a", TimeRange(0, 10), limit=3))
    assert ([point.time_ns for point in first.points], first.next_after_ns, first.unit) == ([1, 2, 3], 3, "W")
    rest = await under_test.entity_history(EntityHistory("home", "light.a", TimeRange(0, 10), limit=3, after_ns=3))
    assert ([point.time_ns for point in rest.points], rest.next_after_ns) == ([4], None)


async def test_pages_of_windows_hold_each_once() -> None:
    under_test = questions(FakeLanguage(states=[HistoryPoint(n * HOUR_NS, str(n), float(n), "W") for n in range(4)]))
    question = EntityWindows("home", "light.a", TimeRange(0, DAY_NS), HOUR_NS, now_ns=4 * HOUR_NS, limit=3)
    first = await under_test.entity_windows(question)
    assert ([point.mean for point in first.points], first.next_after_ns) == ([0.0, 1.0, 2.0], 2 * HOUR_NS)
    rest = await under_test.entity_windows(msgspec.structs.replace(question, after_ns=2 * HOUR_NS))
    assert ([point.mean for point in rest.points], rest.next_after_ns) == ([3.0], None)


async def test_the_busiest_are_those_with_most_events_then_by_name() -> None:
    told = [Counted(("h", name), count) for name, count in (("b", 2), ("a", 1), (None, 99), ("a", 1), ("c", 1))]
    language = FakeLanguage(counts=told)
    found = await questions(language).busiest_entities(TimeRange(0, DAY_NS + HOUR_NS + 5), 2)
    assert found == [EntityCount("h", "a", 2), EntityCount("h", "b", 2)]
    assert [part.measurement for part in language.asked] == ["entities_1d", "entities_1h", RAW]


async def test_the_silent_are_those_whose_newest_state_is_old_and_that_are_still_there() -> None:
    heads = [
        LastChange("h", "old", 1, False),
        LastChange("h", "older", 0, False),
        LastChange("h", "fresh", 9, False),
        LastChange("h", "gone", 2, True),
        LastChange("h", "gone", 1, False),
        LastChange("elsewhere", "old", 3, False),
    ]
    found = await questions(FakeLanguage(entity_heads=heads)).silent_entities(SilentEntities(10, before_ns=9))
    assert found == [
        EntitySilence("h", "older", 0, 0, 10),
        EntitySilence("h", "old", 1, 1, 9),
        EntitySilence("elsewhere", "old", 3, 3, 7),
    ]


async def test_who_is_unchanged_for_long_is_found_by_the_days_and_no_raw_point_of_others_is_read() -> None:
    heads = [LastChange("h", "long_ago", 5, False), LastChange("h", "fresh", 50 * DAY_NS, False)]
    days = [EntityTime("h", "long_ago", 0), EntityTime("h", "fresh", 20 * DAY_NS)]
    language = FakeLanguage(entity_heads=heads, last_windows=days)
    progress = Progress(events={DAY_NS: Windows(100 * DAY_NS)})
    asked = questions(language, progress).silent_entities(SilentEntities(60 * DAY_NS, before_ns=40 * DAY_NS))
    assert [(s.entity_id, s.changed_ns) for s in await asked] == [("long_ago", 5)]
    assert [wanted for wanted in language.asked if isinstance(wanted, tuple) and wanted[0] == MIN_TIME_NS] == [
        (MIN_TIME_NS, 30 * DAY_NS, ["long_ago"]),
    ]


def test_no_part_is_empty_at_the_edge_of_what_influxdb_can_hold() -> None:
    parts = [Part("m", False, 5, 4), Part("m", False, 4, 4), Part("m", False, 4, 5)]
    assert with_length(parts) == parts[2:]
