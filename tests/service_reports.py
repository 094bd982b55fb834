"""A reporter of service_metrics over a scripted sink."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.service_metrics import Level, ServiceCounters, ServiceMetricsPoint


class FakeSink:
    def __init__(self) -> None:
        self.points: list[ServiceMetricsPoint] = []
        self.is_down = False
        self.mistakes: list[Exception] = []
        self.written = asyncio.Semaphore(0)

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        if self.is_down:
            raise StoreUnavailableError("away")
        if self.mistakes:
            raise self.mistakes.pop()
        self.points.extend(points)
        self.written.release()


def reporter(sink: FakeSink, counters: ServiceCounters, clock: FakeClock, **options: Any) -> ServiceMetricsReporter:
    return ServiceMetricsReporter(
        service="s",
        instance="i",
        counters=counters,
        sink=sink,
        clock=clock,
        **{"interval_s": 0.01, "levels": lambda: {Level.QUEUE_DEPTH: 3.0, Level.LAG_S: None}, **options},
    )
