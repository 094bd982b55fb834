"""The alerts over HTTP."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from admin_api.alerts.models import AlertHistoryAnswer, AlertRulesAnswer, AlertsAnswer
from admin_api.alerts.parts import AlertParts
from admin_api.stats.alert_models import Alert as AlertModel
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.questions import RecentAlerts
from ha_ingestor_store.time_range import DAY_NS, TimeRange

PROMETHEUS_RULES = Path(__file__).parents[4] / "infrastructure" / "prometheus" / "rules"


@pytest.fixture
async def alert_id(store: Any, clock: Any, alerts: AlertParts) -> str:
    """The id of an active alert."""
    now_ns = clock.now_ns()
    store.services = [ServiceStatistics("websocket-ingestion", {}, None, None, None, None, 75.0, now_ns - NS_PER_S)]
    await alerts.keeper.turn()
    return alerts.keeper.active[0].alert.id


async def test_active_alerts_are_listed(get: Any, alert_id: str) -> None:
    answer = (await get("/api/v1/stats/alerts")).json
    AlertsAnswer.model_validate(answer)
    (alert,) = answer["alerts"]
    assert alert["id"] == alert_id
    assert {name: alert[name] for name in ("rule", "level", "service", "message", "runbook", "status")} == {
        "rule": "lag",
        "level": "warning",
        "service": "websocket-ingestion",
        "message": "websocket-ingestion is 75 s behind",
        "runbook": "/api/v1/runbooks/lag",
        "status": "active",
    }


async def test_active_alerts_are_in_the_statistics_too(get: Any, alert_id: str) -> None:
    assert [alert["id"] for alert in (await get("/api/v1/stats")).json["alerts"]] == [alert_id]


async def test_alerts_are_listed_during_an_outage_of_the_store(get: Any, store: Any, alert_id: str) -> None:
    store.error = StoreUnavailableError("away")
    assert (await get("/api/v1/stats/alerts")).status == 200
    assert (await get("/api/v1/stats/alerts/history")).status == 503


async def test_an_alert_is_acknowledged(get: Any, alert_id: str) -> None:
    answer = await get(f"/api/v1/alerts/{alert_id}/acknowledge", method="POST")
    AlertModel.model_validate(answer.json)
    assert (answer.json["acknowledged"], answer.json["acknowledged_by"]) == (
        "2027-01-15T08:00:00.000000+00:00",
        "admin",
    )


async def test_the_rules_in_force_are_listed_with_their_limits(get: Any) -> None:
    answer = (await get("/api/v1/alerts/rules")).json
    AlertRulesAnswer.model_validate(answer)
    (rule,) = [rule for rule in answer["rules"] if rule["name"] == "lag"]
    assert rule == {
        "name": "lag",
        "watch": "lag_s",
        "level": "warning",
        "above": 60.0,
        "below": None,
        "clear": 20.0,
        "for_s": 0,
        "clear_after_s": 20,
        "over_s": 300,
        "factor": None,
        "entities": [],
        "message": "{service} is {value} s behind",
        "runbook": "/api/v1/runbooks/lag",
    }


async def test_the_history_knows_an_acknowledgement_at_once(get: Any, alert_id: str) -> None:
    await get(f"/api/v1/alerts/{alert_id}/acknowledge", method="POST")
    (found,) = (await get("/api/v1/alerts/history?period=1d")).json["alerts"]
    assert (found["id"], found["acknowledged_by"], found["status"]) == (alert_id, "admin", "active")


async def test_the_history_has_the_name_of_the_acknowledgement(get: Any, store: Any, clock: Any) -> None:
    now_ns = clock.now_ns()
    times = {"since_ns": now_ns - 30, "raised_ns": now_ns - 30, "cleared_ns": now_ns, "acknowledged_ns": now_ns - 10}
    store.history = [
        Alert(rule="lag", service="s", level=AlertLevel.INFO, message="late", acknowledged_by="phone", **times)
    ]
    (found,) = (await get("/api/v1/alerts/history?period=1d")).json["alerts"]
    assert (found["acknowledged"], found["acknowledged_by"]) == ("2027-01-15T07:59:59.999999+00:00", "phone")


async def test_a_silence_can_be_set_and_ended(get: Any, alert_id: str) -> None:
    body = json.dumps({"duration": "4h"}).encode()
    silenced = await get(f"/api/v1/alerts/{alert_id}/silence", method="POST", body=body)
    assert silenced.json["silenced_until"] == "2027-01-15T12:00:00.000000+00:00"
    ended = await get(f"/api/v1/alerts/{alert_id}/silence", method="DELETE")
    assert ended.json["silenced_until"] is None


@pytest.mark.parametrize(
    "body", [b'{"duration": "4 hours"}', b'{"duration": "0m"}', b"{}", b'{"duration": "4h", "x": 1}']
)
async def test_a_wrong_duration_is_named(get: Any, alert_id: str, body: bytes) -> None:
    answer = await get(f"/api/v1/alerts/{alert_id}/silence", method="POST", body=body)
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] in ("duration", "x")


async def test_an_alert_that_is_not_active_is_not_found(get: Any) -> None:
    assert (await get("/api/v1/alerts/x/acknowledge", method="POST")).status == 404


async def test_a_page_of_another_origin_may_change_nothing(get: Any, alert_id: str) -> None:
    answer = await get(f"/api/v1/alerts/{alert_id}/acknowledge", method="POST", sec_fetch_site="cross-site")
    assert answer.status == 403


async def test_the_history_has_pages(get: Any, store: Any, clock: Any) -> None:
    now_ns = clock.now_ns()
    store.history = [
        Alert(
            rule="lag",
            service="s",
            level=AlertLevel.INFO,
            message="late",
            since_ns=now_ns - ago,
            raised_ns=now_ns - ago,
            cleared_ns=now_ns,
        )
        for ago in (10, 20, 30)
    ]
    first = (await get("/api/v1/stats/alerts/history?period=1d&rule=lag&limit=2")).json
    AlertHistoryAnswer.model_validate(first)
    rest = (await get(f"/api/v1/stats/alerts/history?period=1d&limit=2&cursor={first['next_cursor']}")).json
    assert [len(first["alerts"]), len(rest["alerts"]), rest["next_cursor"]] == [2, 1, None]
    assert first["alerts"][0]["status"] == "cleared"
    assert store.asked[0] == RecentAlerts(TimeRange(now_ns - DAY_NS, now_ns), "lag", 2)


@pytest.mark.parametrize("cursor", ["x", "WzEsMiwzXQ", "W10"])
async def test_an_invalid_cursor_is_refused(get: Any, cursor: str) -> None:
    assert (await get(f"/api/v1/stats/alerts/history?cursor={cursor}")).json["error"]["detail"]["field"] == "cursor"


async def test_a_runbook_is_text(get: Any) -> None:
    answer = await get("/api/v1/runbooks/lag")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body.startswith(b"# lag\n")


async def test_every_link_of_an_alert_of_prometheus_leads_to_a_runbook(get: Any) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(PROMETHEUS_RULES.glob("*.yml")))
    links = re.findall(r'runbook_url: "\{\{ \$externalLabels.dashboard_url \}\}(/\S+)"', text)
    assert len(links) == text.count("- alert: ")
    assert {(await get(link)).status for link in links} == {200}


async def test_a_runbook_is_a_page_for_a_browser(get: Any) -> None:
    answer = await get("/api/v1/runbooks/lag", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["vary"].split(", ")
    assert b"<h1>lag</h1>" in answer.body


@pytest.mark.parametrize("page", ["nothing", "..%2Ffilters", "README"])
async def test_an_unknown_runbook_is_not_found_or_refused(get: Any, page: str) -> None:
    assert (await get(f"/api/v1/runbooks/{page}")).status in (404, 422)
