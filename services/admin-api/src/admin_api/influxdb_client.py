"""The Admin API's connection to InfluxDB: a store gate that counts and times every query.

Adds the connection, and statistics as mappings. `AdminAPIInfluxDBClient()` can be used on its own, with settings from
the environment.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import Source, StoreReader
from ha_ingestor_store.time_range import TimeRange, aligned_period, nice_window, parse_window
from prometheus_client import CollectorRegistry

from admin_api.http.views import View, coverage_view
from admin_api.stats.sources.rates import covered_range, events_per_minute, rate_minutes
from admin_api.stats.views import services_view, trend_view
from admin_api.store.flux_api import QueryApi, open_client, reader_over
from admin_api.store.gate import StoreGate
from admin_api.store.metrics import StoreMetrics

_log = structlog.get_logger()


class AdminAPIInfluxDBClient(StoreGate):
    """Queries InfluxDB. All queries raise InvalidInputError, StoreUnavailableError and StoreRefusedError.

    `client` and `query_api` are those of influxdb-client, None before `connect`. If the caller sets another
    `query_api`, queries use it, and only raw points. If `store` is given, it is queried, and the caller closes it.
    """

    def __init__(
        self,
        settings: StoreSettings | None = None,
        *,
        store: StoreReader | None = None,
        clock: Clock | None = None,
        metrics: StoreMetrics | None = None,
    ) -> None:
        self._settings = settings or StoreSettings.model_validate({})
        self._given = store
        self._own: InfluxStore | None = None
        self._own_query_api: QueryApi | None = None
        self.client: Any = None
        self.query_api: QueryApi | None = None
        super().__init__(
            store,
            Source.INFLUXDB,
            clock=clock or SystemClock(),
            metrics=metrics or StoreMetrics(CollectorRegistry(), Source.INFLUXDB),
        )

    @property
    def queried(self) -> StoreReader:
        """The reader that is queried; raises StoreUnavailableError before `connect`."""
        if self.query_api is not None and self.query_api is not self._own_query_api:
            return reader_over(self.query_api, self._settings.influx())
        return self._own.reader if self._own else super().queried

    @property
    def is_connected(self) -> bool:
        """Whether InfluxDB is available; False before `connect` and after `close`."""
        return (self._given or self._own) is not None and super().is_connected

    async def connect(self) -> bool:
        """Open the connection and run a query, which verifies the token; on failure close it and return False."""
        if await self.start():
            return True
        _log.warning("influxdb_connection_failed", error=self.last_error, check="ha-ingestor doctor")
        await self.close()
        return False

    async def close(self) -> None:
        """Close the connections; `connect` can be called again."""
        await self.stop()

    async def start(self) -> bool:
        """Open the connection and run a query; on failure return False, and retry in the background."""
        if self._settings.influxdb_url is not None:
            influx = self._settings.influx()
            if self._given is None and self._own is None:
                self._own = InfluxStore(influx, writes_events=False, clock=self._clock)
            if self.client is None:
                self._open_client(influx)
        return await super().start() and self.is_connected

    async def stop(self) -> None:
        """Close the connections and stop retrying."""
        await super().stop()
        if self.query_api is self._own_query_api:
            self.query_api = None
        client, self.client, self._own_query_api = self.client, None, None
        store, self._own = self._own, None
        if client is not None:
            await client.close()
        if store is not None:
            await store.close()

    async def get_event_statistics(self, period: str = "1h") -> View:
        """Return `total_events`, `events_per_minute` over the covered part of the period, `period`, `coverage`."""
        reader = self.reader("event_stats")
        time_range = await self._range(reader, period)
        events = await reader.event_count(time_range)
        return {
            "period": period,
            "total_events": events.total,
            "events_per_minute": await events_per_minute(reader, time_range, events),
            "coverage": coverage_view(events.coverage, time_range.end_ns),
        }

    async def get_error_rate(self, period: str = "1h") -> View:
        """Return `error_rate_percent`, `total_writes`, `write_errors` of all services, `period`."""
        reader = self.reader("error_rate")
        errors = await reader.error_rate(await self._range(reader, period))
        return {
            "period": period,
            "total_writes": errors.total_writes,
            "write_errors": errors.write_errors,
            "error_rate_percent": errors.percent,
        }

    async def get_service_metrics(self, service: str, period: str = "1h") -> View:
        """Return the metrics of a service over a period; only `service` and `period` if it has not reported."""
        services = await self._services("service_metrics", period, service)
        return {**services.get(service, {"service": service}), "period": period}

    async def get_all_service_statistics(self, period: str = "1h") -> View:
        """Return `services` by name, `period`."""
        return {"period": period, "services": await self._services("service_stats", period, None)}

    async def get_event_trends(self, period: str = "1h", window: str | None = None) -> View:
        """Return `trends`, the events of each window as `{time, count}`, oldest first, and `period`."""
        reader = self.reader("event_trends")
        time_range = await self._range(reader, period)
        window_ns = parse_window(window, time_range) if window else nice_window(time_range)
        trend = await reader.event_trend(time_range, window_ns)
        return {"period": period, "trends": trend_view(trend)}

    async def check_health(self) -> View:
        """Query InfluxDB; return the result and the statistics of all queries so far. Never raises."""
        error: str | None = None
        try:
            await self.reader("health").ping()
        except IngestorError as err:
            error = err.message
        return {
            "status": "healthy" if error is None else "unhealthy",
            "is_connected": error is None,
            "last_error": error,
            "query_count": self.query_count,
            "error_count": self.error_count,
            "avg_query_time_ms": self.mean_query_time_ms,
            "p95_query_time_ms": self.p95_query_time_ms,
        }

    def _open_client(self, influx: InfluxSettings) -> None:
        """Open influxdb-client; a failure is only logged, since the store does not need it."""
        try:
            self.client = open_client(influx)
        except OSError as err:
            _log.warning("influxdb_client_failed", error=str(err), check="ha-ingestor check-config")
            return
        self._own_query_api = self.client.query_api()
        self.query_api = self.query_api or self._own_query_api

    async def _range(self, reader: StoreReader, period: str) -> TimeRange:
        return aligned_period(period, await reader.as_of(self._clock.now_ns()))

    async def _services(self, endpoint: str, period: str, service: str | None) -> dict[str, View]:
        reader = self.reader(endpoint)
        time_range = await self._range(reader, period)
        events, services = await asyncio.gather(
            reader.event_count(time_range), reader.service_statistics(time_range, service)
        )
        return services_view(services, rate_minutes(covered_range(time_range, events.coverage)))
