"""Statistics from the memory of the services, which covers some hours; used while the store is unavailable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_core.reporting.report_memory import Reports, ServiceReports
from ha_ingestor_store.answers import Coverage, LatestMetric, ServiceWindow
from ha_ingestor_store.time_range import HOUR_NS, TimeRange, window_starts

from admin_api.peers.status import TIMEOUT_S
from admin_api.stats.sources import report_sums as remembered
from admin_api.stats.sources.heartbeats import Presence
from admin_api.stats.sources.period_statistics import Facts, WindowCount, WindowValue
from admin_api.stats.sources.rates import covered_range, rate_minutes

WRITER = "enrichment-pipeline"
"""The service that writes the events and counts them."""

_log = structlog.get_logger()


class ServicesStatistics:
    """`StatisticsSource` over the reports of the services. Services that do not answer are in `unknown`."""

    def __init__(self, services: Mapping[str, ServiceReports], *, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._services = services
        self._clock = clock
        self._timeout_s = timeout_s

    async def facts(self, time_range: TimeRange, service: str | None = None, window_ns: int | None = None) -> Facts:
        """Return counts, services and trend of a period, as far as the services remember it."""
        answered, unknown = await self._ask(time_range.start_ns)
        writer = answered.get(WRITER)
        if writer is None:
            coverage, total, rate = Coverage(None, complete=False), None, None
            trend = [WindowCount(start, None) for start in window_starts(time_range, window_ns)] if window_ns else []
        else:
            coverage, total = remembered.coverage(writer, time_range), remembered.stored_events(writer, time_range)
            rate = total / rate_minutes(covered_range(time_range, coverage))
            trend = remembered.stored_trend(writer, time_range, window_ns) if window_ns else []
        of_services = [remembered.service_statistics(reports, time_range) for reports in answered.values()]
        return Facts(
            coverage=coverage,
            total_events=total,
            events_per_minute=rate,
            services=[each for each in of_services if each is not None and service in (None, each.service)],
            trend=trend,
            unknown={name: reason for name, reason in unknown.items() if service in (None, name)},
        )

    async def series(self, name: str, service: str | None, time_range: TimeRange, window_ns: int) -> list[WindowValue]:
        """Return a metric by window, of a service or summed over all."""
        answered, _ = await self._ask(time_range.start_ns)
        wanted = [reports for each, reports in answered.items() if service in (None, each)]
        return remembered.series(wanted, name, time_range, window_ns)

    async def presence(self, services: Sequence[str], time_range: TimeRange, interval_ns: int) -> dict[str, Presence]:
        """Return when each service reported."""
        answered, _ = await self._ask(time_range.start_ns)
        return {
            name: remembered.presence(reports, time_range, interval_ns)
            for name, reports in answered.items()
            if name in services
        }

    async def service_windows(
        self, time_range: TimeRange, window_ns: int, service: str | None = None
    ) -> list[ServiceWindow]:
        """Return the windows of each service, or of one, sorted by name and time."""
        answered, _ = await self._ask(time_range.start_ns)
        wanted = [reports for name, reports in answered.items() if service in (None, name)]
        return remembered.service_windows(wanted, time_range, window_ns)

    async def service_names(self) -> list[str]:
        """Return the names of the services."""
        return sorted(self._services)

    async def latest(self, service: str | None, limit: int) -> list[LatestMetric]:
        """Return the fields of the newest reports."""
        answered, _ = await self._ask(self._clock.now_ns() - HOUR_NS)
        return remembered.latest([r for name, r in answered.items() if service in (None, name)], limit)

    async def reports_of(self, name: str, start_ns: int) -> Reports | None:
        """Return the reports of a service; None if it does not answer."""
        found = await self._ask_one(name, start_ns) if name in self._services else None
        return found if isinstance(found, Reports) else None

    async def _ask(self, start_ns: int) -> tuple[dict[str, Reports], dict[str, str]]:
        """Return the reports by service, and the reasons by service that did not answer."""
        names = sorted(self._services)
        found = await asyncio.gather(*(self._ask_one(name, start_ns) for name in names))
        answered = {name: each for name, each in zip(names, found, strict=True) if isinstance(each, Reports)}
        return answered, {name: each for name, each in zip(names, found, strict=True) if isinstance(each, str)}

    async def _ask_one(self, name: str, start_ns: int) -> Reports | str:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._services[name].reports(start_ns)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except IngestorError as err:
            return err.message
        except Exception as err:  # an error of one service must not affect the others
            _log.warning("service_reports_unreadable", service=name, error=repr(err))
            return without_secrets(f"the answer cannot be read: {err}")
