"""`/health`: liveness, readiness, and the health of all parts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import IngestorError, ServiceUnavailableError
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import MINUTE_NS, TimeRange

from admin_api.flow.dependencies import dependencies_view, enrichment_status, service_view
from admin_api.flow.health import StoreHealth, capture_status, health_view
from admin_api.flow.health_models import (
    AdminApiFigures,
    AliveAnswer,
    DependenciesAnswer,
    HealthAnswer,
    ReadyAnswer,
    ServicesHealthAnswer,
)
from admin_api.flow.status import PartStatus
from admin_api.http.draining import Draining
from admin_api.http.errors import ERRORS, INVALID
from admin_api.http.parameters import only_known
from admin_api.http.views import JsonAnswer, View
from admin_api.peers.names import SERVICE
from admin_api.peers.status import TIMEOUT_S, StatusSources, Unreachable
from admin_api.rollout.source import StatsSource
from admin_api.stats.parts import Statistics
from admin_api.stats.sources.rates import events_per_minute

_RATE_NS = 5 * MINUTE_NS


class HealthEndpoints:
    """The health of the services and of the store."""

    def __init__(
        self,
        *,
        reader: StoreReader,
        sources: StatusSources,
        statistics: Statistics,
        counters: ServiceCounters,
        instance: str,
        clock: Clock,
        draining: Draining,
        damaged_files: Callable[[], list[str]] = list,
    ) -> None:
        self._reader = reader
        self._sources = sources
        self._statistics = statistics
        self._counters = counters
        self._instance = instance
        self._clock = clock
        self._draining = draining
        self._damaged_files = damaged_files
        self._started_ns = clock.now_ns()
        self._started_at = clock.monotonic()
        self.router = APIRouter(prefix="/api/v1/health", tags=["health"], dependencies=[Depends(only_known)])
        for path, endpoint, model in (
            ("", self.get_health, HealthAnswer),
            ("/live", self.get_live, AliveAnswer),
            ("/dependencies", self.get_dependencies, DependenciesAnswer),
            ("/services", self.get_services_health, ServicesHealthAnswer),
            ("/metrics", self.get_health_metrics, AdminApiFigures),
        ):
            self.router.add_api_route(path, endpoint, response_model=model, responses=INVALID)
        self.router.add_api_route("/ready", self.get_ready, response_model=ReadyAnswer, responses=ERRORS)

    async def get_health(self) -> Response:
        """Return the health of all parts. Parts that do not answer are `unreachable`."""
        now_ns = self._clock.now_ns()
        (ingestion, enrichment), store = await asyncio.gather(self._sources.ask(), self._store_health(now_ns))
        damaged = await asyncio.to_thread(self._damaged_files)
        return JsonAnswer(health_view(now_ns, ingestion, enrichment, store, damaged, self._sources.deployment))

    async def get_live(self) -> Response:
        """Liveness: the process is running."""
        return JsonAnswer({"status": "alive"})

    async def get_ready(self) -> Response:
        """Readiness: statistics are available from the store or from a service; otherwise 503.

        Also 503 while this instance is draining before it stops.
        """
        if self._draining.has_begun:
            raise ServiceUnavailableError("This instance is stopping. Use another instance, or retry later")
        error, _ = await self._asked_store()
        if error is None:
            return JsonAnswer({"status": "ready", "source": self._source()})
        if all(isinstance(reported, Unreachable) for reported in await self._sources.ask()):
            raise ServiceUnavailableError(f"Neither the store nor a service answers: {error}")
        return JsonAnswer({"status": "ready", "source": StatsSource.SERVICES_FALLBACK})

    async def get_dependencies(self) -> Response:
        """Return status and response time of Home Assistant, the services and the store."""
        begin = self._clock.monotonic()
        (ingestion, enrichment), (store_error, store_ms) = await asyncio.gather(
            self._sources.ask(), self._asked_store()
        )
        view = dependencies_view(
            ingestion,
            enrichment,
            response_ms=(self._clock.monotonic() - begin) * 1000,
            store=self._statistics.gate.source,
            store_error=store_error,
            store_ms=store_ms,
        )
        return JsonAnswer({"dependencies": view, "timestamp": ns_to_rfc3339(self._clock.now_ns())})

    async def get_services_health(self) -> Response:
        """Return the health of every service, as reported by itself."""
        ingestion, enrichment = await self._sources.ask()
        now_ns = self._clock.now_ns()
        views = [
            service_view("websocket-ingestion", capture_status(ingestion), ingestion),
            service_view("enrichment-pipeline", enrichment_status(enrichment), enrichment),
            self._own_view(),
        ]
        return JsonAnswer({"services": {view["service"]: view for view in views}, "timestamp": ns_to_rfc3339(now_ns)})

    async def get_health_metrics(self) -> Response:
        """Return the metrics of the Admin API itself."""
        gate, totals = self._statistics.gate, self._counters.totals
        answered = sum(self._counters.latency_counts)
        return JsonAnswer(
            {
                "uptime_s": self._clock.monotonic() - self._started_at,
                "requests": totals[Counter.RECEIVED],
                "failed_requests": totals[Counter.FAILED],
                "mean_response_time_ms": self._counters.latency_sum_ms / answered if answered else None,
                "statistics_source": self._source(),
                "store_connected": gate.is_connected,
                "store_queries": gate.query_count,
                "store_errors": gate.error_count,
                "store_mean_query_time_ms": gate.mean_query_time_ms,
                "store_last_error": gate.last_error,
                "cache_hit_rate_percent": self._statistics.cache.hit_rate_percent,
                "timestamp": ns_to_rfc3339(self._clock.now_ns()),
            }
        )

    def _own_view(self) -> View:
        gate = self._statistics.gate
        return {
            "service": SERVICE,
            "status": PartStatus.HEALTHY if gate.is_connected else PartStatus.DEGRADED,
            "instance": self._instance,
            "started": ns_to_rfc3339(self._started_ns),
            "uptime_s": self._clock.monotonic() - self._started_at,
            "queue_depth": None,
            "last_error": gate.last_error,
        }

    def _source(self) -> StatsSource:
        if not self._statistics.keeper.current.use_influxdb_stats:
            return StatsSource.SERVICES
        gate = self._statistics.gate
        return StatsSource(gate.source) if gate.is_connected else StatsSource.SERVICES_FALLBACK

    async def _asked_store(self) -> tuple[str | None, float | None]:
        """Probe the store; return the error, or the response time in ms."""
        begin = self._clock.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._reader.ping()
        except TimeoutError:
            return f"The store did not answer within {TIMEOUT_S:g} s", None
        except IngestorError as err:
            return err.message, None
        return None, (self._clock.monotonic() - begin) * 1000

    async def _store_health(self, now_ns: int) -> StoreHealth:
        time_range = TimeRange(now_ns - _RATE_NS, now_ns)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                events = await self._reader.event_count(time_range)
                return StoreHealth(events_per_minute=await events_per_minute(self._reader, time_range, events))
        except TimeoutError:
            return StoreHealth(error=f"The store did not answer within {TIMEOUT_S:g} s")
        except IngestorError as err:
            return StoreHealth(error=err.message, error_key=err.key)
