"""`/accounting`: whether every event that a service received in a period has an end, or is queued."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.totals import COUNTERS, Totals
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.periods import HOUR_NS, TimeRange
from ha_ingestor_store.store import StoreReader

from admin_api.http.errors import ERRORS
from admin_api.http.parameters import only_known
from admin_api.http.time_range import Asked
from admin_api.http.views import JsonAnswer, View
from admin_api.peers.names import SERVICE
from admin_api.records.models import AccountingAnswer


class AccountingEndpoints:
    """The balance of the services that events go through; what the Admin API counts are requests."""

    def __init__(self, *, reader: StoreReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/accounting", tags=["statistics"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_accounting, response_model=AccountingAnswer, responses=ERRORS)

    async def get_accounting(self, time: Asked) -> Response:
        """What each service received over a period that ends now, or from `start` to `end`, and how it ended.

        Services report every ten seconds: the numbers are those of the reports whose time lies in the period.
        """
        now_ns = self._clock.now_ns()
        time_range = time.at(now_ns)
        within = await self._reader.service_statistics(time_range)
        queued_before = await self._queued_at(time_range.start_ns, {service.service for service in within} - {SERVICE})
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                **time.view(now_ns),
                "services": {
                    service.service: account_view(service, round(queued_before.get(service.service, 0)))
                    for service in within
                    if service.service != SERVICE
                },
            }
        )

    async def _queued_at(self, moment_ns: int, services: set[str]) -> dict[str, float]:
        """What was queued by the last report before a moment, nearly always one of the hour before.

        A look further back opens every shard of InfluxDB 1. Nothing was before 1970, and InfluxDB 2 plans no range
        from the year 1677.
        """
        queued: dict[str, float] = {}
        for start_ns in (max(0, moment_ns - HOUR_NS), 0):
            if start_ns < moment_ns and services - queued.keys():
                before = await self._reader.service_statistics(TimeRange(start_ns, moment_ns))
                queued = {service.service: service.queue_depth or 0 for service in before}
        return queued


def account_view(service: ServiceStatistics, queued_at_start: int) -> View:
    """The balance of one service: `difference` is what was received and has neither an end nor a place in the queue."""
    totals = Totals(**{name: service.counters.get(counter, 0) for name, counter in COUNTERS.items()})
    queued_at_end = round(service.queue_depth or 0)
    difference = totals.queued - (queued_at_end - queued_at_start)
    return {
        **{name: getattr(totals, name) for name in COUNTERS},
        "queued_at_start": queued_at_start,
        "queued_at_end": queued_at_end,
        "difference": difference,
        "adds_up": difference == 0,
        "counted_until": ns_to_rfc3339(service.last_seen_ns),
    }
