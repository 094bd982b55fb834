"""`/topology`: the flow as a graph, with live rates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.logging.log_ring import RECENT
from ha_ingestor_core.reporting.service_info import release
from ha_ingestor_core.reporting.transfer_rate import TransferRate, Transfers, transfers
from ha_ingestor_store.time_range import period_range

from admin_api.flow.topology_models import TopologyAnswer
from admin_api.flow.topology_parts import FlowState, OwnPart, graph_of
from admin_api.http.errors import INVALID
from admin_api.http.parameters import only_known
from admin_api.http.time_range import RequestedRange
from admin_api.http.views import JsonAnswer, View
from admin_api.peers.names import SERVICE
from admin_api.peers.status import StatusSources
from admin_api.rollout.source import StatsSource
from admin_api.security.caller import client_of
from admin_api.stats.parts import Statistics
from admin_api.stats.questions.statistics import StatsQuestion
from admin_api.stats.sources import report_sums as remembered

PERIOD = "5m"


class TopologyEndpoints:
    """The graph; `reports` is the transfer rate of the service_metrics that the Admin API writes."""

    def __init__(
        self,
        *,
        statistics: Statistics,
        sources: StatusSources,
        clock: Clock,
        reports: TransferRate | None = None,
        store_version: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._statistics = statistics
        self._sources = sources
        self._clock = clock
        self._reports = reports
        self._store_version = store_version
        self._started_at = clock.monotonic()
        self.router = APIRouter(prefix="/api/v1/topology", tags=["health"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_topology, response_model=TopologyAnswer, responses=INVALID)

    async def get_topology(self, request: Request) -> Response:
        """Return the parts of the data flow with their status, and the rates between them over the last 5 minutes."""
        (ingestion, enrichment), answer = await asyncio.gather(
            self._sources.ask(),
            self._statistics.answers.answer(StatsQuestion(RequestedRange(PERIOD)), client_of(request.scope)),
        )
        own = await self._own_part()  # after the query, which may have detected that the store is unavailable
        stats: View = msgspec.json.decode(answer.body)
        now_ns = self._clock.now_ns()
        state = FlowState(
            ingestion=ingestion,
            enrichment=enrichment,
            own=own,
            services=stats["metrics"]["services"],
            is_fallback=answer.source is StatsSource.SERVICES_FALLBACK,
        )
        graph = graph_of(state)
        return JsonAnswer(
            {
                "nodes": graph.nodes,
                "edges": graph.edges,
                "period": PERIOD,
                "source": answer.source,
                "warning": stats["warning"],
                "timestamp": ns_to_rfc3339(now_ns),
            }
        )

    async def _own_part(self) -> OwnPart:
        gate = self._statistics.gate
        time_range = period_range(PERIOD, self._clock.now_ns())
        reports = await self._statistics.services.reports_of(SERVICE, time_range.start_ns)
        return OwnPart(
            store=gate.source,
            store_version=self._store_version(),
            store_answers=gate.is_connected,
            store_error=gate.last_error,
            queries=gate.transfers,
            query_errors=gate.recent_errors,
            version=release(),
            uptime_s=self._clock.monotonic() - self._started_at,
            logs=RECENT.lines(SERVICE),
            answers=remembered.transfers(reports, time_range) if reports else Transfers(),
            reports=transfers([self._reports]) if self._reports else Transfers(),
        )
