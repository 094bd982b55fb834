"""`/topology`."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.flow.topology_models import TopologyAnswer, TopologyEdge, TopologyNode
from admin_api.security.scopes import Scope
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError

FALLBACK = {("websocket-ingestion", "admin-api"), ("enrichment-pipeline", "admin-api")}


async def _topology(get: Any) -> TopologyAnswer:
    return TopologyAnswer.model_validate_json((await get("/api/v1/topology")).body)


def _edge(answer: TopologyAnswer, source: str, target: str) -> TopologyEdge:
    return next(edge for edge in answer.edges if (edge.source, edge.target) == (source, target))


def _node(answer: TopologyAnswer, name: str) -> TopologyNode:
    return next(node for node in answer.nodes if node.id == name)


# plan: 5-topology
async def test_the_graph_has_every_part_and_edges_between_them(get: Any) -> None:
    body = await _topology(get)
    assert [node.id for node in body.nodes] == [
        "home-assistant",
        "websocket-ingestion",
        "enrichment-pipeline",
        "embedded",
        "admin-api",
        "health-dashboard",
    ]
    assert [(edge.source, edge.target, edge.kind) for edge in body.edges] == [
        ("home-assistant", "websocket-ingestion", "websocket"),
        ("websocket-ingestion", "enrichment-pipeline", "api"),
        ("websocket-ingestion", "embedded", "storage"),
        ("enrichment-pipeline", "embedded", "storage"),
        ("admin-api", "embedded", "storage"),
        ("embedded", "admin-api", "query"),
        ("admin-api", "health-dashboard", "api"),
    ]
    assert {node.status for node in body.nodes} == {"healthy"}
    assert body.source == "embedded"


async def test_an_edge_has_the_rate_and_the_latencies_that_were_measured(get: Any) -> None:
    body = await _topology(get)
    stored = _edge(body, "enrichment-pipeline", "embedded")
    assert (stored.rate_per_minute, stored.latency_p50_ms, stored.latency_p95_ms) == (58.0, 1.5, 4.5)
    assert stored.active
    from_home = _edge(body, "home-assistant", "websocket-ingestion")
    assert (from_home.rate_per_minute, from_home.latency_p50_ms, from_home.active) == (60.0, None, True)
    query = _edge(body, "embedded", "admin-api")
    assert query.rate_per_minute
    assert query.latency_p95_ms is not None


async def test_a_service_tells_its_release_uptime_and_log(get: Any, enrichment: Any) -> None:
    enrichment.report(30, events_received=12, events_rejected=2, events_failed=1)
    node = _node(await _topology(get), "enrichment-pipeline")
    assert (node.version, node.uptime_s) == ("9.9.9", 3600.0)
    assert [(line.level, line.event, line.message) for line in node.logs] == [("warning", "told", "a=1")]
    assert [(each.id, each.status) for each in node.dependencies] == [("embedded", "healthy")]


async def test_the_store_tells_its_release(make_app: Any, guard: Any, call: Any) -> None:
    body = await _topology(call(make_app(guard, store_version=lambda: "2.7.12")))
    assert _node(body, "embedded").version == "2.7.12"


async def test_what_a_service_of_an_earlier_release_does_not_say_is_unknown(get: Any, ingestion: Any) -> None:
    del ingestion.answer["transfers"]
    body = await _topology(get)
    node, edge = _node(body, "websocket-ingestion"), _edge(body, "websocket-ingestion", "enrichment-pipeline")
    assert (node.version, node.uptime_s, node.rate_per_minute, node.errors, node.logs) == (None, None, None, None, [])
    assert (edge.rate_per_minute, edge.latency_p50_ms, edge.active) == (None, None, False)


async def test_each_of_several_homes_is_a_source(get: Any, ingestion: Any) -> None:
    connection = ingestion.answer["websocket_connection"]
    away = {"state": "disconnected", "last_error": "gone"}
    ingestion.answer["homes"] = [
        {"home": "home", "websocket_connection": connection, "event_processing": {"events_per_minute": 40.0}},
        {"home": "cabin", "websocket_connection": away, "event_processing": {"events_per_minute": 2.5}},
    ]
    body = await _topology(get)
    sources = [node for node in body.nodes if node.kind == "source"]
    assert [(node.id, node.home, node.status, node.version) for node in sources] == [
        ("home-assistant:home", "home", "healthy", "2026.11.0"),
        ("home-assistant:cabin", "cabin", "degraded", None),
    ]
    edges = [_edge(body, node.id, "websocket-ingestion") for node in sources]
    assert [(edge.rate_per_minute, edge.active) for edge in edges] == [(40.0, True), (0.0, False)]


@pytest.mark.parametrize(
    ("changes", "status", "active"),
    [({"cache_hits": 3}, "healthy", True), ({}, "healthy", False), ({"last_error": "401"}, "degraded", False)],
)
async def test_the_weather_is_a_source_where_it_is_on(
    get: Any, enrichment: Any, changes: dict[str, Any], status: str, active: bool
) -> None:
    enrichment.answer["weather_enrichment"] |= {"enabled": True, **changes}
    body = await _topology(get)
    assert (_node(body, "weather").kind, _node(body, "weather").status) == ("source", status)
    edge = _edge(body, "weather", "enrichment-pipeline")
    assert (edge.kind, edge.active, edge.rate_per_minute) == ("api", active, None)


async def test_a_part_that_is_away_is_shown_and_its_edges_rest(
    get: Any, store: Any, ingestion: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("away")
    ingestion.answer = ServiceUnavailableError("refused")
    enrichment.report(30, events_received=10, events_processed=10)
    body = await _topology(get)
    status = {node.id: (node.status, node.last_error) for node in body.nodes}
    assert status["websocket-ingestion"] == ("unreachable", "refused")
    assert status["embedded"] == ("unreachable", "away")
    assert status["admin-api"][0] == "degraded"
    assert [edge.active for edge in body.edges if "embedded" in (edge.source, edge.target)] == [False] * 4
    assert _node(body, "enrichment-pipeline").rate_per_minute == 2.0
    assert (body.source, body.warning is not None) == ("services-fallback", True)


async def test_services_lead_to_the_admin_api_only_while_they_answer_in_the_stores_place(get: Any, store: Any) -> None:
    store.error = StoreUnavailableError("away")
    found = [edge for edge in (await _topology(get)).edges if edge.kind == "fallback"]
    assert {(edge.source, edge.target) for edge in found} == FALLBACK
    assert all(edge.active and edge.rate_per_minute is None for edge in found)


async def test_nothing_flows_into_a_store_that_takes_nothing(get: Any, enrichment: Any) -> None:
    enrichment.answer["storage"]["is_connected"] = False
    body = await _topology(get)
    assert not _edge(body, "websocket-ingestion", "enrichment-pipeline").active
    assert not _edge(body, "enrichment-pipeline", "embedded").active


async def test_reading_the_logs_needs_what_reading_errors_needs(open_app: Any, asker: Any, asking: Any) -> None:
    assert (await asker(open_app, client="192.0.2.7")("/api/v1/topology")).status == 401
    assert (await asking(Scope.READ)("/api/v1/topology")).status == 200
