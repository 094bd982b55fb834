"""The alerts on the rates of a period: the texts of the plan, the same from every source."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.alerts.models import AlertsAnswer
from admin_api.stats.models import StatsAnswer
from admin_api.stats.rate_alerts import rate_alerts
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.answers import ServiceStatistics

NOW = "2027-01-15T08:00:00.000000+00:00"
PLAN = [
    {"level": "error", "service": "system", "message": "High error rate: 7.5%", "timestamp": NOW},
    {
        "level": "warning",
        "service": "enrichment-pipeline",
        "message": "Low success rate: 90.0%",
        "timestamp": NOW,
    },
]
COUNTERS = {"write_attempts": 200, "write_errors": 15, "events_received": 100, "events_processed": 90}


def service(success_rate: float | None, counters: dict[str, int] | None = None) -> ServiceStatistics:
    return ServiceStatistics("enrichment-pipeline", counters or {}, None, None, success_rate, None, None, 0)


@pytest.mark.parametrize(
    ("error_rate", "success_rate", "messages"),
    [
        (None, None, []),
        (0.0, 100.0, []),
        (5.0, 95.0, []),
        (5.5, 94.9, ["High error rate: 5.5%", "Low success rate: 94.9%"]),
        (100 / 3, 200 / 3, ["High error rate: 33.33%", "Low success rate: 66.67%"]),
        (5.001, 94.999, ["High error rate: 5.001%", "Low success rate: 94.999%"]),
        (100.0, 0.0, ["High error rate: 100.0%", "Low success rate: 0.0%"]),
    ],
)
def test_a_rate_beyond_its_limit_is_an_alert(
    error_rate: float | None, success_rate: float | None, messages: list[str]
) -> None:
    assert [alert["message"] for alert in rate_alerts(error_rate, [service(success_rate)], 0)] == messages


# plan: 3.3-alerts, 3.4
@pytest.mark.parametrize("path", ["stats", "stats/alerts", "alerts"])
async def test_the_store_gives_the_plans_alerts(get: Any, store: Any, path: str) -> None:
    store.services = [service(90.0, COUNTERS)]
    answer = (await get(f"/api/v1/{path}?period=1h")).json
    (StatsAnswer if path == "stats" else AlertsAnswer).model_validate(answer)
    assert (answer["alerts"], answer["source"], answer["period"]) == (PLAN, "embedded", "1h")


# plan: 3.3-alerts
@pytest.mark.parametrize("path", ["stats", "stats/alerts"])
@pytest.mark.parametrize("source", ["services", "services-fallback"])
async def test_the_services_give_the_same(
    get: Any, store: Any, statistics: Any, enrichment: Any, path: str, source: str
) -> None:
    enrichment.report(60, **COUNTERS, events_failed=10)
    if source == "services":
        await get("/api/v1/config/stats-source", method="PUT", body=b'{"use_influxdb_stats": false}')
    else:
        store.error = StoreUnavailableError("away")
    answer = (await get(f"/api/v1/{path}?period=1h")).json
    assert (answer["alerts"], answer["source"]) == (PLAN, source)


async def test_the_period_that_was_asked_decides(get: Any, store: Any, enrichment: Any) -> None:
    store.error = StoreUnavailableError("away")
    enrichment.report(1800, **COUNTERS, events_failed=10)
    assert (await get("/api/v1/stats/alerts?period=15m")).json["alerts"] == []
    assert (await get("/api/v1/stats/alerts?period=1h")).json["alerts"] == PLAN
    assert (await get("/api/v1/stats/alerts?period=1x")).status == 422


async def test_a_rate_that_is_unknown_is_no_alert(get: Any, store: Any, enrichment: Any) -> None:
    store.error = enrichment.answer = StoreUnavailableError("away")
    answer = (await get("/api/v1/stats")).json
    assert (answer["alerts"], answer["metrics"]["error_rate_percent"]) == ([], None)


async def test_the_error_rate_of_one_service_is_not_the_systems(get: Any, store: Any) -> None:
    store.services = [service(90.0, COUNTERS)]
    (alert,) = (await get("/api/v1/stats?service=enrichment-pipeline")).json["alerts"]
    assert alert["message"] == "Low success rate: 90.0%"
