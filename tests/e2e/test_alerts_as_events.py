"""An alert of Alertmanager becomes an event of a real Home Assistant with the fields that an automation needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.ingestor import Ingestor
from tests.e2e.monitoring import ALERTMANAGER, require, running_alertmanager
from tests.e2e.real_home_assistant import RealHomeAssistant

pytestmark = pytest.mark.home_assistant

ALERT = {
    "labels": {"alertname": "InfluxDBConnectionDown", "severity": "critical", "dashboard_url": "http://127.0.0.1:3000"},
    "annotations": {"summary": "Admin API lost InfluxDB connection", "runbook_url": "http://127.0.0.1:3000/runbook"},
}


async def test_an_alert_becomes_an_event_of_home_assistant(home_assistant: RealHomeAssistant, tmp_path: Path) -> None:
    require(ALERTMANAGER)
    receiver = f"{home_assistant.url}/api/events/ha_ingestor_alert"
    async with (
        Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token) as ingestor,
        running_alertmanager(tmp_path, receiver=receiver, token=home_assistant.token) as alertmanager,
    ):
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{alertmanager.url}/api/v2/alerts", json=[ALERT]) as answer,
        ):
            assert answer.status == 200
        (event, *_) = await ingestor.api.eventually(partial(ingestor.api.events, event_type="ha_ingestor_alert"), bool)
    (alert,) = event["data"]["alerts"]
    assert event["data"]["status"] == "firing"
    assert alert["labels"] == ALERT["labels"]
    assert alert["annotations"] == ALERT["annotations"]
