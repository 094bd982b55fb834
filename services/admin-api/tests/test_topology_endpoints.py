"""`/topology`."""

from __future__ import annotations

from typing import Any

from admin_api.health_models import TopologyAnswer
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError


# plan: 5-topology
async def test_the_graph_has_every_part_and_edges_between_them(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=n) for n in range(1, 11)]
    body = TopologyAnswer.model_validate_json((await get("/api/v1/topology")).body)
    ids = [node.id for node in body.nodes]
    assert ids == [
        "home-assistant",
        "websocket-ingestion",
        "enrichment-pipeline",
        "embedded",
        "admin-api",
        "health-dashboard",
    ]
    assert all({edge.source, edge.target} <= set(ids) for edge in body.edges)
    assert {node.status for node in body.nodes} == {"healthy"}
    stored = next(edge for edge in body.edges if edge.target == "embedded")
    assert (stored.rate_per_minute, stored.active, body.source) == (2.0, True, "embedded")


async def test_a_part_that_is_away_is_shown_and_its_edges_rest(
    get: Any, store: Any, ingestion: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("away")
    ingestion.answer = ServiceUnavailableError("refused")
    enrichment.report(30, events_received=10, events_processed=10)
    body = TopologyAnswer.model_validate_json((await get("/api/v1/topology")).body)
    status = {node.id: (node.status, node.last_error) for node in body.nodes}
    assert status["websocket-ingestion"] == ("unreachable", "refused")
    assert status["embedded"] == ("unreachable", "away")
    assert status["admin-api"][0] == "degraded"
    assert [edge.active for edge in body.edges if "embedded" in (edge.source, edge.target)] == [False, False]
    assert next(node for node in body.nodes if node.id == "enrichment-pipeline").rate_per_minute == 2.0
    assert (body.source, body.warning is not None) == ("services-fallback", True)
