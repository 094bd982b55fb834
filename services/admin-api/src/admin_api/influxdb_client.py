"""The Admin API's connection to InfluxDB: the store's questions as mappings, counted and timed.

A face over whichever dialect answers, usable alone: `AdminAPIInfluxDBClient()` takes its settings from the environment.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Awaitable
from typing import Any, TypeVar

import structlog
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError
from ha_ingestor_core.redaction import without_secrets
from ha_ingestor_store.factory import DIALECTS
from ha_ingestor_store.influx.questions import Questions
from ha_ingestor_store.influx.store import InfluxStore
from ha_ingestor_store.influx_flux.client import FluxDialect, FluxLanguage, QueryApi
from ha_ingestor_store.periods import nice_window, parse_window, period_range
from ha_ingestor_store.settings import StoreSettings
from ha_ingestor_store.store import StoreReader

from admin_api.rates import covered_range, events_per_minute, rate_minutes
from admin_api.views import View, coverage_view, services_view, trend_view

_TIMES_KEPT = 1_000

_log = structlog.get_logger()

T = TypeVar("T")


class AdminAPIInfluxDBClient:
    """Asks InfluxDB; all questions raise InvalidInputError, StoreUnavailableError and StoreRefusedError.

    `client` and `query_api` are influxdb-client's, None before `connect` and on 1.x. A `query_api` that the caller sets
    is asked instead, for raw points alone, without `connect`. A `store` that is given is asked, and stays its owner's.
    """

    def __init__(
        self,
        settings: StoreSettings | None = None,
        *,
        clock: Clock | None = None,
        store: InfluxStore | None = None,
    ) -> None:
        self._settings = settings or StoreSettings.model_validate({})
        self._clock = clock or SystemClock()
        self._given = store
        self._store = store
        self._own_query_api: QueryApi | None = None
        self._times_ms: deque[float] = deque(maxlen=_TIMES_KEPT)
        self._last_error: str | None = None
        self.client: Any = None
        self.query_api: QueryApi | None = None
        self.query_count = 0
        self.error_count = 0

    @property
    def is_connected(self) -> bool:
        """Whether there is a store to ask: `connect` succeeded, or one was given, and `close` was not called since."""
        return self._store is not None

    @property
    def avg_query_time_ms(self) -> float:
        """Mean time of the last thousand questions in ms; 0 before the first."""
        return statistics.fmean(self._times_ms) if self._times_ms else 0.0

    @property
    def p95_query_time_ms(self) -> float:
        """95th percentile of the last thousand questions in ms (the nearest rank); 0 before the first."""
        ordered = sorted(self._times_ms)
        return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else 0.0

    async def connect(self) -> bool:
        """Find the server and ask it something, which a wrong token can't; False, and a log line that says why."""
        await self.close()
        if self._given is None and self._settings.influxdb_url is None:
            _log.warning("influxdb_not_connected", error="INFLUXDB_URL is not set")
            return False
        store = self._given or InfluxStore(self._settings.influx(), DIALECTS, writes_events=False, clock=self._clock)
        try:
            connection = await store.connect()
            await store.ping()
        except Exception as err:
            self._last_error = without_secrets(str(err))
            _log.warning("influxdb_not_connected", error=str(err), check="ha-ingestor doctor")
            await self._let_go(store)
            return False
        self._store = store
        if isinstance(connection.dialect, FluxDialect):
            self.client = connection.dialect.client
            self.query_api = self._own_query_api = connection.dialect.query_api
        return True

    async def close(self) -> None:
        """Let go of the connections; `connect` may follow."""
        store, self._store = self._store, None
        if self.query_api is self._own_query_api:
            self.query_api = None
        self.client = self._own_query_api = None
        if store is not None:
            await self._let_go(store)

    async def get_event_statistics(self, period: str = "1h") -> View:
        """`total_events`, `events_per_minute` over the part of the period that is covered, `period`, `coverage`."""
        time_range = period_range(period, self._clock.now_ns())
        reader = self._reader()
        events = await self._timed(reader.event_count(time_range))
        return {
            "period": period,
            "total_events": events.total,
            "events_per_minute": await events_per_minute(reader, time_range, events),
            "coverage": coverage_view(events.coverage),
        }

    async def get_error_rate(self, period: str = "1h") -> View:
        """`error_rate_percent`, `total_writes`, `write_errors` of all services, `period`."""
        time_range = period_range(period, self._clock.now_ns())
        errors = await self._timed(self._reader().error_rate(time_range))
        return {
            "period": period,
            "total_writes": errors.total_writes,
            "write_errors": errors.write_errors,
            "error_rate_percent": errors.percent,
        }

    async def get_service_metrics(self, service: str, period: str = "1h") -> View:
        """One service over a period; with `service` and `period` alone where it has not reported."""
        services = await self._services(period, service)
        return {**services.get(service, {"service": service}), "period": period}

    async def get_all_service_statistics(self, period: str = "1h") -> View:
        """`services` by name, `period`."""
        return {"period": period, "services": await self._services(period, None)}

    async def get_event_trends(self, period: str = "1h", window: str | None = None) -> View:
        """`trends`: the events of each window as `{time, count}`, oldest first; `period`."""
        time_range = period_range(period, self._clock.now_ns())
        window_ns = parse_window(window, time_range) if window else nice_window(time_range)
        trend = await self._timed(self._reader().event_trend(time_range, window_ns))
        return {"period": period, "trends": trend_view(trend)}

    async def check_health(self) -> View:
        """Whether InfluxDB answers a question now, and how the questions went so far; never raises."""
        error: str | None = None
        try:
            await self._timed(self._reader().ping())
        except IngestorError as err:
            error = err.message
        return {
            "status": "healthy" if error is None else "unhealthy",
            "is_connected": error is None,
            "last_error": error or self._last_error,
            "query_count": self.query_count,
            "error_count": self.error_count,
            "avg_query_time_ms": self.avg_query_time_ms,
            "p95_query_time_ms": self.p95_query_time_ms,
        }

    async def _services(self, period: str, service: str | None) -> dict[str, View]:
        time_range = period_range(period, self._clock.now_ns())
        reader = self._reader()
        events = await self._timed(reader.event_count(time_range))
        services = await self._timed(reader.service_statistics(time_range, service))
        return services_view(services, rate_minutes(covered_range(time_range, events.coverage)))

    async def _let_go(self, store: InfluxStore) -> None:
        if store is not self._given:
            await store.close()

    def _reader(self) -> StoreReader:
        if self.query_api is not None and self.query_api is not self._own_query_api:
            return Questions(FluxLanguage(self.query_api, self._settings.influx()))
        if self._store is None:
            raise StoreUnavailableError("InfluxDB is not connected: connect() first")
        return self._store

    async def _timed(self, question: Awaitable[T]) -> T:
        begin = self._clock.monotonic()
        self.query_count += 1
        try:
            return await question
        except Exception as err:
            self.error_count += 1
            self._last_error = without_secrets(str(err))
            raise
        finally:
            self._times_ms.append((self._clock.monotonic() - begin) * 1000)
