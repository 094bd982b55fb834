"""A store in memory whose failures are scripted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.answers import RejectedPoint, WriteResult, repeats
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.store import Tally


class FakeStore:
    """An `EventWriter` in memory: raises what is in `failures` first, holds every write while `gate` is closed."""

    def __init__(self) -> None:
        self.points: dict[tuple[Any, int], EventPoint] = {}
        self.kept_from: int | None = None
        self.tallies: list[Tally | None] = []
        self.metrics: list[ServiceMetricsPoint] = []
        self.weather: list[WeatherObservation] = []
        self.writes: list[int] = []
        self.failures: list[Exception] = []
        self.refuses: Callable[[EventPoint], bool] = lambda point: False
        self.expires: Callable[[EventPoint], bool] = lambda point: False
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        self.writes.append(len(points))
        self.tallies.append(tally)
        self.entered.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        refused = [RejectedPoint(i, "type_conflict", "no") for i, point in enumerate(points) if self.refuses(point)]
        expired = [i for i, point in enumerate(points) if self.expires(point)]
        lost = {*expired, *(each.index for each in refused)}
        good = [point for i, point in enumerate(points) if i not in lost]
        new = {(point.series_key, point.time_ns) for point in good} - self.points.keys()
        keys = [None if i in lost else (point.series_key, point.time_ns) for i, point in enumerate(points)]
        duplicates = [index for index in repeats(keys, new) if keys[index] is not None]
        self.points |= {(point.series_key, point.time_ns): point for point in good}
        return WriteResult(len(new), duplicates, refused, expired)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        if self.failures:
            raise self.failures.pop(0)
        self.weather += observations
        return []

    async def kept_from_ns(self) -> int | None:
        return self.kept_from

    async def totals(self, service: str) -> Totals | None:
        return None

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.metrics += points
