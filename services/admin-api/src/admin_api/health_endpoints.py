"""`/health`: whether it runs, whether it can answer, and how the whole is doing."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError, ServiceUnavailableError
from ha_ingestor_store.periods import MINUTE_NS, TimeRange
from ha_ingestor_store.store import StoreReader

from admin_api.errors import ERRORS
from admin_api.health import StoreHealth, health_view
from admin_api.models import AliveAnswer, ErrorAnswer, HealthAnswer, ReadyAnswer
from admin_api.parameters import only_known
from admin_api.rates import events_per_minute
from admin_api.sources import TIMEOUT_S, StatusSources
from admin_api.views import JsonAnswer

_RATE_NS = 5 * MINUTE_NS
_INVALID: dict[int | str, dict[str, Any]] = {422: {"model": ErrorAnswer, "description": "It takes no parameters"}}


class HealthEndpoints:
    """The health of the services and of the store."""

    def __init__(self, *, reader: StoreReader, sources: StatusSources, clock: Clock) -> None:
        self._reader = reader
        self._sources = sources
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/health", tags=["health"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_health, response_model=HealthAnswer, responses=_INVALID)
        self.router.add_api_route("/live", self.get_live, response_model=AliveAnswer, responses=_INVALID)
        self.router.add_api_route("/ready", self.get_ready, response_model=ReadyAnswer, responses=ERRORS)

    async def get_health(self) -> Response:
        """How the whole is doing; what does not answer is said to be unreachable."""
        now_ns = self._clock.now_ns()
        (ingestion, enrichment), store = await asyncio.gather(self._sources.ask(), self._store_health(now_ns))
        return JsonAnswer(health_view(now_ns, ingestion, enrichment, store))

    async def get_live(self) -> Response:
        """The process runs."""
        return JsonAnswer({"status": "alive"})

    async def get_ready(self) -> Response:
        """The store answers; a 503 until it does."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._reader.ping()
        except TimeoutError as err:
            raise ServiceUnavailableError(f"the store did not answer within {TIMEOUT_S:g} s") from err
        return JsonAnswer({"status": "ready"})

    async def _store_health(self, now_ns: int) -> StoreHealth:
        time_range = TimeRange(now_ns - _RATE_NS, now_ns)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                events = await self._reader.event_count(time_range)
                return StoreHealth(events_per_minute=await events_per_minute(self._reader, time_range, events))
        except TimeoutError:
            return StoreHealth(error=f"the store did not answer within {TIMEOUT_S:g} s")
        except IngestorError as err:
            return StoreHealth(error=err.message)
