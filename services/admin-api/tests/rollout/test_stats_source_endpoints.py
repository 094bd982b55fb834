"""`/config/stats-source`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from admin_api.rollout.models import StatsSourceAnswer
from admin_api.rollout.settings import StatsSettings
from admin_api.rollout.source_choice import Limit
from admin_api.security.audit import AuditLog
from ha_ingestor_store.time_range import ALWAYS

PATH = "/api/v1/config/stats-source"


async def put(get: Any, **body: Any) -> Any:
    return await get(PATH, method="PUT", body=json.dumps(body).encode())


async def test_what_is_in_force_is_shown(get: Any) -> None:
    body = StatsSourceAnswer.model_validate_json((await get(PATH)).body)
    assert (body.use_influxdb_stats, body.influxdb_rollout_percent, body.stats_compare) == (True, 100, False)
    assert body.variables == []


# plan: success-downtime
async def test_a_change_is_in_force_at_once_and_the_rest_stays(get: Any) -> None:
    assert (await put(get, use_influxdb_stats=False)).json["influxdb_rollout_percent"] == 100
    assert (await put(get, influxdb_rollout_percent=30)).json["use_influxdb_stats"] is False
    assert (await get("/api/v1/stats")).json["source"] == "services"


async def test_a_change_is_audited_with_its_author(get: Any, audit: AuditLog) -> None:
    await put(get, stats_compare=True)
    (entry,) = audit.read(ALWAYS, 10).entries
    assert (entry.action, entry.status) == (f"PUT {PATH}", 200)
    assert (entry.detail["before"]["stats_compare"], entry.detail["after"]["stats_compare"]) == (False, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"influxdb_rollout_percent": 101}, "influxdb_rollout_percent"),
        ({"influxdb_rollout_percent": "10"}, "influxdb_rollout_percent"),
        ({"influxdb_rollout_percent": 1.5}, "influxdb_rollout_percent"),
        ({"use_influxdb_stats": 1}, "use_influxdb_stats"),
        ({"percent": 1}, "percent"),
    ],
)
async def test_what_is_wrong_is_named(get: Any, body: dict[str, Any], field: str) -> None:
    answer = await put(get, **body)
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


async def test_comparison_shows_whether_it_is_on(get: Any) -> None:
    assert (await get("/api/v1/stats/comparison")).json["enabled"] is False
    await put(get, stats_compare=True)
    assert (await get("/api/v1/stats/comparison")).json["enabled"] is True


class TestFixed:
    @pytest.fixture
    def stats_settings(self) -> StatsSettings:
        return StatsSettings.model_construct(influxdb_rollout_percent=0)

    # plan: rollback-percent
    async def test_a_variable_is_the_limit_and_a_change_is_a_409_that_names_it(self, get: Any) -> None:
        answer = await put(get, influxdb_rollout_percent=100)
        assert (answer.status, answer.json["error"]["key"]) == (409, "fixed_by_environment")
        assert answer.json["error"]["detail"]["variables"] == ["INFLUXDB_ROLLOUT_PERCENT"]
        shown = StatsSourceAnswer.model_validate_json((await get(PATH)).body)
        assert shown.variables == ["INFLUXDB_ROLLOUT_PERCENT"]
        assert shown.environment.influxdb_rollout_percent == 0
        assert shown.limited_by.model_dump() == {
            "use_influxdb_stats": None,
            "influxdb_rollout_percent": Limit.ENVIRONMENT,
        }
        assert (await get("/api/v1/stats")).json["source"] == "services"

    async def test_the_store_can_be_taken_out_of_use_below_it(self, get: Any) -> None:
        limited_by = (await put(get, use_influxdb_stats=False)).json["limited_by"]
        assert limited_by == {
            "use_influxdb_stats": "run_time",
            "influxdb_rollout_percent": "environment",
        }

    async def test_the_other_switches_can_still_be_changed(self, get: Any) -> None:
        assert (await put(get, stats_compare=True)).json["stats_compare"] is True
