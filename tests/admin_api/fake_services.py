"""The other services of the Admin API's unit tests."""

from __future__ import annotations

import asyncio
from typing import Any

from ha_ingestor_core.calls.backfill import BackfillProgress
from ha_ingestor_core.calls.taps import OpenedTap, TapPage
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.delivery import Replayed, ReplayOutcome
from ha_ingestor_core.errors import FixedByEnvironmentError, IngestorError, NotFoundError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_core.filters.rules import FilterLists, Filters, FiltersInForce, FilterSource, check_filters
from ha_ingestor_core.gaps import Gap, GapReason
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from msgspec import Raw

NOW_NS = 1_800_000_000 * NS_PER_S


class FakeReplay:
    """A replay that returns the outcome set by a test, or raises it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.end: Replayed | Exception = Replayed(ReplayOutcome.WRITTEN, NOW_NS)

    async def replay(self, rejected_id: str) -> Replayed:
        self.asked.append(rejected_id)
        if isinstance(self.end, Exception):
            raise self.end
        return self.end


class FakeStatus:
    """A service that returns the status set by a test, or raises it."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.answer: dict[str, Any] | Exception = status
        self.since_ns = NOW_NS - 3600 * NS_PER_S
        self.points: list[ServiceMetricsPoint] = []
        self.unreported: dict[str, int] = {}
        self.hangs = False
        self.asked_for_reports = 0

    async def status(self) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def reports(self, start_ns: int) -> Reports:
        self.asked_for_reports += 1
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        service = self.answer["service"]
        unreported = ServiceMetricsPoint(service, NOW_NS, "i", self.unreported)
        return Reports(service, self.since_ns, [p for p in self.points if p.time_ns >= start_ns], [unreported])

    def report(self, ago_s: float, levels: dict[str, float] | None = None, **counters: int) -> None:
        """Build a report of its memory, oldest first."""
        time_ns = NOW_NS - round(ago_s * NS_PER_S)
        point = ServiceMetricsPoint(self.answer["service"], time_ns, "i", counters, levels or {})  # type: ignore[index]
        self.points.append(point)


class FakeTaps:
    """Taps with events set by a test; fails with `error` while that is set."""

    def __init__(self) -> None:
        self.opened: dict[str, LiveFilter] = {}
        self.events: list[Raw] = []
        self.error: Exception | None = None
        self.left_out = 0
        self.lasts_s = 600.0
        self.taken = asyncio.Event()

    async def open_tap(self, wanted: LiveFilter) -> OpenedTap:
        if self.error:
            raise self.error
        tap_id = f"{len(self.opened):016x}"
        self.opened[tap_id] = wanted
        return OpenedTap(tap_id, self.lasts_s)

    async def read_tap(self, tap_id: str) -> TapPage:
        if self.error:
            raise self.error
        if tap_id not in self.opened:
            raise NotFoundError("There is no such tap")
        events, self.events = self.events, []
        if events:
            self.taken.set()
        return TapPage(events, self.left_out, self.lasts_s)

    async def close_tap(self, tap_id: str) -> None:
        self.opened.pop(tap_id, None)


class FakeFilters:
    """Filters in memory; `variables` fixes them."""

    def __init__(self) -> None:
        self.in_force = FiltersInForce(FilterLists(), FilterLists(), FilterSource.DEFAULT)
        self.variables: list[str] = []

    async def filters(self) -> FiltersInForce:
        return self.in_force

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        if self.variables:
            raise FixedByEnvironmentError("The filters are set by a variable", variables=self.variables)
        check_filters(filters)
        self.in_force = FiltersInForce(filters.include, filters.exclude, FilterSource.STORED)
        return self.in_force


class FakeBackfill:
    """Starts the requested backfill, or raises the error set by a test."""

    def __init__(self) -> None:
        self.progress: BackfillProgress | None = None
        self.error: IngestorError | None = None

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        if self.error:
            raise self.error
        gap = Gap(home="home", start_ns=start_ns, end_ns=end_ns, reason=GapReason.REQUESTED, found_ns=NOW_NS)
        self.progress = BackfillProgress(gap, 0.0)
        return self.progress

    async def backfill_progress(self) -> BackfillProgress | None:
        return self.progress
