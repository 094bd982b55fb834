"""`/accounting`: whether every event that a service received in a period has an end, or is queued."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.totals import COUNTERS, Totals
from ha_ingestor_store.answers import ServiceStatistics
from ha_ingestor_store.periods import TimeRange, period_range
from ha_ingestor_store.store import StoreReader

from admin_api.errors import ERRORS
from admin_api.models import AccountingAnswer
from admin_api.parameters import Period, only_known
from admin_api.settings import SERVICE
from admin_api.views import JsonAnswer, View


class AccountingEndpoints:
    """The balance of the services that events go through; what the Admin API counts are requests."""

    def __init__(self, *, reader: StoreReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1/accounting", tags=["statistics"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_accounting, response_model=AccountingAnswer, responses=ERRORS)

    async def get_accounting(self, period: Period = "1h") -> Response:
        """What each service received in a period that ends now, how it ended, and whether that adds up.

        Services report every ten seconds: the numbers are those of the reports whose time lies in the period.
        """
        now_ns = self._clock.now_ns()
        time_range = period_range(period, now_ns)
        within, before = await asyncio.gather(
            self._reader.service_statistics(time_range), self._before(time_range.start_ns)
        )
        queued_before = {service.service: service.queue_depth or 0 for service in before}
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "services": {
                    service.service: account_view(service, round(queued_before.get(service.service, 0)))
                    for service in within
                    if service.service != SERVICE
                },
            }
        )

    async def _before(self, start_ns: int) -> list[ServiceStatistics]:
        """What was reported before; nothing was before 1970, and InfluxDB 2 plans no range from the year 1677."""
        return await self._reader.service_statistics(TimeRange(0, start_ns)) if start_ns > 0 else []


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
