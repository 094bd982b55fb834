"""`/accounting`: the balance of received events and their outcomes."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.reporting.totals import COUNTERS, Totals
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import HOUR_NS, TimeRange

from admin_api.http.errors import ERRORS
from admin_api.http.parameters import only_known
from admin_api.http.time_range import Requested
from admin_api.http.views import JsonAnswer, View
from admin_api.peers.names import SERVICE
from admin_api.records.models import AccountingAnswer


class AccountingEndpoints:
    """The balance of the services that process events; the Admin API is excluded, since it counts requests."""

    def __init__(self, *, reader: StoreReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/accounting", tags=["statistics"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_accounting, response_model=AccountingAnswer, responses=ERRORS)

    async def get_accounting(self, time: Requested) -> Response:
        """Return received events and their outcomes by service, for a period that ends now, or from `start` to `end`.

        Services report every ten seconds; counts are from the reports in the period.
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
        """Return the queued events by service, from the last report before a time, usually within the hour before.

        A longer range opens every shard of InfluxDB 1. It starts in 1970, as InfluxDB 2 cannot plan a range from 1677.
        """
        queued: dict[str, float] = {}
        for start_ns in (max(0, moment_ns - HOUR_NS), 0):
            if start_ns < moment_ns and services - queued.keys():
                before = await self._reader.service_statistics(TimeRange(start_ns, moment_ns))
                queued = {service.service: service.queue_depth or 0 for service in before}
        return queued


def account_view(service: ServiceStatistics, queued_at_start: int) -> View:
    """Return the balance of a service; `difference` is the number of received events without outcome and not queued."""
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
