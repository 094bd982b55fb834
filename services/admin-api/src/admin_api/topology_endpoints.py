"""`/topology`: the flow as a graph, with live rates."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339

from admin_api.cached_answers import client_of
from admin_api.dependencies import enrichment_status
from admin_api.errors import INVALID
from admin_api.health import capture_status
from admin_api.health_models import TopologyAnswer
from admin_api.models import PartStatus
from admin_api.parameters import only_known
from admin_api.sources import EnrichmentStatus, IngestionStatus, StatusSources, Unreachable
from admin_api.statistics_service import Statistics
from admin_api.stats_questions import StatsQuestion
from admin_api.time_range import AskedRange
from admin_api.topology import (
    ADMIN_API,
    DASHBOARD,
    HOME_ASSISTANT,
    INGESTION,
    PIPELINE,
    Flow,
    Part,
    edges_view,
    nodes_view,
)
from admin_api.views import JsonAnswer, View

PERIOD = "5m"


class TopologyEndpoints:
    """The graph of the parts."""

    def __init__(self, *, statistics: Statistics, sources: StatusSources, clock: Clock) -> None:
        self._statistics = statistics
        self._sources = sources
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/topology", tags=["health"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_topology, response_model=TopologyAnswer, responses=INVALID)

    async def get_topology(self, request: Request) -> Response:
        """The parts of the flow, what goes from one to the next, and how they are; rates are of the last 5 minutes."""
        (ingestion, enrichment), answer = await asyncio.gather(
            self._sources.ask(),
            self._statistics.answers.answer(StatsQuestion(AskedRange(PERIOD)), client_of(request.scope)),
        )
        stats: View = msgspec.json.decode(answer.body)
        flow = Flow(
            parts=self._parts(ingestion, enrichment),
            services=stats["metrics"]["services"],
            store=self._statistics.gate.source,
            stored_per_minute=stats["metrics"]["events_per_minute"],
            queries_per_minute=self._statistics.gate.queries_per_minute,
        )
        return JsonAnswer(
            {
                "nodes": nodes_view(flow),
                "edges": edges_view(flow),
                "period": PERIOD,
                "source": answer.source,
                "warning": stats["warning"],
                "timestamp": ns_to_rfc3339(self._clock.now_ns()),
            }
        )

    def _parts(
        self, ingestion: IngestionStatus | Unreachable, enrichment: EnrichmentStatus | Unreachable
    ) -> dict[str, Part]:
        gate = self._statistics.gate
        home_assistant, capture = Part(PartStatus.UNREACHABLE), Part(PartStatus.HEALTHY)
        if isinstance(ingestion, Unreachable):
            capture = Part(PartStatus.UNREACHABLE, ingestion.reason)
        else:
            home_assistant = Part(capture_status(ingestion), ingestion.websocket_connection.last_error)
        pipeline_error = enrichment.reason if isinstance(enrichment, Unreachable) else enrichment.storage.last_error
        return {
            HOME_ASSISTANT: home_assistant,
            INGESTION: capture,
            PIPELINE: Part(enrichment_status(enrichment), pipeline_error),
            gate.source.value: Part(
                PartStatus.HEALTHY if gate.is_connected else PartStatus.UNREACHABLE, gate.last_error
            ),
            ADMIN_API: Part(PartStatus.HEALTHY if gate.is_connected else PartStatus.DEGRADED, gate.last_error),
            DASHBOARD: Part(PartStatus.HEALTHY),
        }
