"""Services over time as columns."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.stats.models import ServiceTrend, ServiceTrendsAnswer
from admin_api.stats.service_trends import COLUMNS, service_trends
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.service_metrics import Counter, Level
from ha_ingestor_store.answers import ServiceWindow
from ha_ingestor_store.service_windows import service_windows
from ha_ingestor_store.time_range import HOUR_NS, MINUTE_NS, TimeRange

START_NS = 1_800_000_000 * NS_PER_S
"""A full hour, and a full minute."""


def window(
    start_ns: int = START_NS, service: str = "s", received: int = 60, levels: dict[str, float] | None = None
) -> ServiceWindow:
    values: dict[str, float] = {Counter.RECEIVED: received, Counter.PROCESSED: received, **(levels or {})}
    (found,) = service_windows([((service, start_ns), values)])
    return found


def rates(time_range: TimeRange, *windows: ServiceWindow, window_ns: int = MINUTE_NS) -> list[float | None]:
    return service_trends(windows, time_range, window_ns)["s"]["events_per_minute"]


def test_the_model_has_every_column() -> None:
    assert set(ServiceTrend.model_fields) == set(COLUMNS)


def test_a_window_without_a_report_is_unknown_in_every_column() -> None:
    trend = service_trends([window()], TimeRange(START_NS, START_NS + 2 * MINUTE_NS), MINUTE_NS)["s"]
    assert {column[1] for column in trend.values()} == {None}
    assert (trend["events_received"][0], trend["success_rate"][0]) == (60, 100.0)


def test_a_rate_is_over_the_part_of_the_window_that_has_passed() -> None:
    assert rates(TimeRange(START_NS - MINUTE_NS, START_NS + 40 * NS_PER_S), window(received=40)) == [None, 60.0]
    assert rates(TimeRange(START_NS + 15 * NS_PER_S, START_NS + MINUTE_NS), window(received=45)) == [60.0]


def test_too_short_a_part_has_counts_but_no_rate() -> None:
    trend = service_trends([window()], TimeRange(START_NS, START_NS + 20 * NS_PER_S), MINUTE_NS)["s"]
    assert (trend["events_per_minute"], trend["events_received"]) == ([None], [60])
    assert rates(TimeRange(START_NS, START_NS + 5 * MINUTE_NS), window(), window_ns=HOUR_NS) == [None]


def test_levels_are_the_highest_of_the_window() -> None:
    found = window(levels={Level.QUEUE_DEPTH: 50.0, Level.LAG_S: 5.0})
    trend = service_trends([found], TimeRange(START_NS, START_NS + MINUTE_NS), MINUTE_NS)["s"]
    assert (trend["queue_depth_max"], trend["lag_s_max"]) == ([50.0], [5.0])


async def test_every_service_comes_in_one_answer(get: Any, store: Any) -> None:
    start_ns = START_NS - 5 * MINUTE_NS
    store.service_windows_found = [window(start_ns, "admin-api"), window(start_ns, "websocket-ingestion", 120)]
    answer = await get("/api/v1/stats/services/trends?period=15m&window=5m")
    body = ServiceTrendsAnswer.model_validate_json(answer.body)
    assert (body.window, len(body.times), sorted(body.trends)) == ("5m", 3, ["admin-api", "websocket-ingestion"])
    assert body.trends["websocket-ingestion"].events_per_minute == [None, None, 24.0]
    assert body.times[-1].timestamp() == start_ns / NS_PER_S


async def test_one_service_is_asked_for_alone(get: Any, store: Any) -> None:
    await get("/api/v1/stats/services/trends?period=1h&service=admin-api")
    assert (TimeRange(START_NS - HOUR_NS, START_NS), MINUTE_NS, "admin-api") in store.asked


async def test_while_the_store_is_away_the_services_answer(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("away")
    body = ServiceTrendsAnswer.model_validate_json((await get("/api/v1/stats/services/trends?period=15m")).body)
    assert (body.source, len(body.times)) == ("services-fallback", 15)


@pytest.mark.parametrize(
    ("query", "field"),
    [("period=1y&window=1m", "window"), ("period=soon", "period"), ("start=2027-01-15T08:00:01Z", "start")],
)
async def test_a_wrong_time_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/stats/services/trends?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


async def test_an_unknown_service_is_a_404(get: Any) -> None:
    answer = await get("/api/v1/stats/services/trends?service=admin-ap")
    assert (answer.status, answer.json["error"]["detail"]["nearest"]) == (404, ["admin-api"])
