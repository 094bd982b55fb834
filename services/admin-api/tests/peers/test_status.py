"""Querying the status of the services."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from admin_api.peers import status as sources
from admin_api.peers.status import IngestionStatus, StatusSources, Unreachable, remote_sources
from aiohttp import web
from ha_ingestor_core.http.service_app import service_app
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.service_metrics import Counter
from prometheus_client import CollectorRegistry

TOKEN = "a token of sixteen"


class Hanging:
    async def status(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def reports(self, start_ns: int) -> Reports:
        raise NotImplementedError


async def test_service_that_hangs_is_unreachable_and_the_other_is_heard(
    monkeypatch: pytest.MonkeyPatch, ingestion: Any
) -> None:
    monkeypatch.setattr(sources, "TIMEOUT_S", 0.01)
    heard, silent = await StatusSources(ingestion, Hanging()).ask()
    assert isinstance(heard, IngestionStatus)
    assert silent == Unreachable("no answer within 0.01 s")


def test_services_that_are_asked_over_http_go_on_without_the_admin_api(ingestion: Any, enrichment: Any) -> None:
    assert StatusSources(ingestion, enrichment).deployment == "all-in-one"
    assert remote_sources("http://127.0.0.1:1", "http://127.0.0.1:2", None).deployment == "separate"


async def test_status_of_the_same_process_may_hold_enums(ingestion: Any, enrichment: Any) -> None:
    ingestion.answer["counters"] = {Counter.RECEIVED: 5}
    heard, _ = await StatusSources(ingestion, enrichment).ask()
    assert isinstance(heard, IngestionStatus)
    assert heard.counters == {"events_received": 5}


async def test_remote_services_are_asked_over_http(ingestion: Any) -> None:
    app = service_app(status=ingestion, health=lambda: {"status": "healthy"}, metrics=CollectorRegistry(), token=TOKEN)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    asked = sources.remote_sources(f"http://127.0.0.1:{port}", "http://127.0.0.1:1", TOKEN)
    try:
        heard, away = await asked.ask()
    finally:
        await asked.close()
        await runner.cleanup()
    assert isinstance(heard, IngestionStatus)
    assert heard.home == "home"
    assert isinstance(away, Unreachable)
    assert "http://127.0.0.1:1 did not answer" in away.reason
