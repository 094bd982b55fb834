"""The contract of an export: every point exactly once, oldest first, in every store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import pytest
from ha_ingestor_core.service_metrics import ServiceMetricsPoint
from ha_ingestor_store.points import (
    EventPoint,
    WeatherObservation,
    oldest_first,
    weather_oldest_first,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.conftest import OpenStore
from tests.contract.oracle import Oracle
from tests.contract.strategies import BASE_NS, observations, service_reports
from tests.contract.test_store_contract import Batches, batches, random_cases, simultaneous, written


class Timed(Protocol):
    """Any point with a time."""

    @property
    def time_ns(self) -> int: ...


T = TypeVar("T", bound=Timed)


async def exported(export: Callable[[int | None, int], Awaitable[list[T]]], limit: int) -> list[T]:
    """Return all pages; each begins at the end of the previous one, within a time limit."""
    found: list[T] = []
    after_ns: int | None = None
    while page := await export(after_ns, limit):
        assert after_ns is None or page[0].time_ns > after_ns
        found += page
        after_ns = page[-1].time_ns
    return found


@given(event_batches=batches, limit=st.sampled_from([1, 3, 10, 1000]))
@random_cases
async def test_every_event_is_exported_once_and_unchanged(
    open_empty_store: OpenStore, event_batches: Batches, limit: int
) -> None:
    async with open_empty_store() as store:
        oracle = await written(store, event_batches)
        assert await exported(store.exporter.export_events, limit) == sorted(oracle.points.values(), key=oldest_first)


@given(reports=service_reports(), limit=st.sampled_from([1, 3, 10, 1000]))
@random_cases
async def test_every_report_is_exported_once_and_unchanged(
    open_empty_store: OpenStore, reports: list[list[ServiceMetricsPoint]], limit: int
) -> None:
    oracle = Oracle()
    async with open_empty_store() as store:
        for report in reports:
            await store.writer.write_service_metrics(report)
            oracle.write_service_metrics(report)
        in_order = sorted(oracle.metrics.values(), key=lambda p: (p.time_ns, p.service, p.instance))
        assert await exported(store.exporter.export_service_metrics, limit) == in_order


@given(told=observations(), limit=st.sampled_from([1, 3, 1000]))
@random_cases
async def test_the_weather_is_exported_once_and_unchanged(
    open_empty_store: OpenStore, told: list[WeatherObservation], limit: int
) -> None:
    async with open_empty_store() as store:
        await store.writer.write_weather(told)
        assert await exported(store.exporter.export_weather, limit) == sorted(told, key=weather_oldest_first)


@pytest.mark.parametrize("limit", [1, 3, 5, 6])
async def test_no_page_ends_within_a_nanosecond(open_empty_store: OpenStore, limit: int) -> None:
    points = simultaneous("light.a", "light.b", "light.c", "light.d", "light.e")
    async with open_empty_store() as store:
        await store.writer.write_events(points)
        assert await store.exporter.export_events(None, limit) == points
        assert await store.exporter.export_events(points[0].time_ns, limit) == []


async def test_a_burst_after_a_long_silence_is_cut_into_pages(open_empty_store: OpenStore) -> None:
    def burst(start_ns: int, count: int) -> Sequence[EventPoint]:
        return [EventPoint("home", "burst", start_ns + n * 1000, data="{}") for n in range(count)]

    points = [*burst(BASE_NS - 10**18, 3), *burst(BASE_NS, 500), *burst(BASE_NS + 10**15, 1)]
    async with open_empty_store() as store:
        await store.writer.write_events(points)
        pages: list[int] = []
        after_ns: int | None = None
        while page := await store.exporter.export_events(after_ns, 100):
            pages.append(len(page))
            after_ns = page[-1].time_ns
        assert sum(pages) == len(points)
        assert max(pages) <= 100
        assert len(pages) < 60


async def test_an_empty_store_exports_nothing(open_empty_store: OpenStore) -> None:
    async with open_empty_store() as store:
        assert await store.exporter.export_events(None, 10) == []
        assert await store.exporter.export_service_metrics(None, 10) == []
        assert await store.exporter.export_weather(None, 10) == []
