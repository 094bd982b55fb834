"""The store of the pipeline: all calls are counted and timed, and their errors are kept for the health."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import structlog
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import IngestorError, UnexpectedError
from ha_ingestor_core.reporting.totals import Totals
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from ha_ingestor_core.service_metrics import Counter, ServiceCounters, ServiceMetricsPoint
from ha_ingestor_store.answers import RejectedPoint, WriteResult
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.store import EventWriter, Tally

from enrichment_pipeline.metrics import PipelineMetrics

T = TypeVar("T")

_log = structlog.get_logger()


class Storage:
    """An `EventWriter` over another one that keeps the last error of each kind of call."""

    def __init__(
        self, store: EventWriter, *, clock: Clock, counters: ServiceCounters, metrics: PipelineMetrics
    ) -> None:
        self._store = store
        self._clock = clock
        self._counters = counters
        self._metrics = metrics
        self._errors: dict[str, IngestorError] = {}
        self._failing_since: float | None = None
        self.events = TransferRate(clock)
        self.last_write_ns: int | None = None

    @property
    def last_error(self) -> IngestorError | None:
        """Return why writes fail at present; None while they succeed.

        An error lasts until the same kind of call succeeds: a server can accept service_metrics and refuse events.
        """
        return next(iter(self._errors.values()), None)

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> WriteResult:
        """Store the points durably; repeats change nothing. Counts the attempt, and an error if it fails."""
        self._counters.add(Counter.WRITE_ATTEMPTS)
        begin = self._clock.monotonic()
        try:
            result = await self._watched("events", self._store.write_events(points, tally))
        except IngestorError:
            self._counters.add(Counter.WRITE_ERRORS)
            self._metrics.observe_write("error", self._clock.monotonic() - begin)
            raise
        seconds = self._clock.monotonic() - begin
        self._metrics.observe_write("success", seconds)
        self.last_write_ns = self._clock.now_ns()
        self.events.add(result.written, seconds)
        return result

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[RejectedPoint]:
        """Store the observations; one with the same key is replaced. Raises the errors of `write_events`."""
        return await self._watched("weather", self._store.write_weather(observations))

    async def kept_from_ns(self) -> int | None:
        """Return the time before which events have expired; None where all are kept, or it is unknown."""
        return await self._watched("retention", self._store.kept_from_ns())

    async def totals(self, service: str) -> Totals | None:
        """Return the totals of a service; None where the store has no transactions for them."""
        return await self._watched("totals", self._store.totals(service))

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """Store the points, all or none; raises IngestorError."""
        await self._watched("service_metrics", self._store.write_service_metrics(points))

    def status(self) -> dict[str, Any]:
        """Return the state of writes to the store, as JSON-ready values."""
        return {
            "is_connected": self.last_error is None,
            "written_per_minute": self.events.per_minute,
            "last_write_time": None if self.last_write_ns is None else ns_to_rfc3339(self.last_write_ns),
            "write_errors": self._counters.totals[Counter.WRITE_ERRORS],
            "last_error": self.last_error.message if self.last_error else None,
            "failing_s": None if self._failing_since is None else self._clock.monotonic() - self._failing_since,
        }

    async def _watched(self, kind: str, call: Awaitable[T]) -> T:
        try:
            result = await call
        except IngestorError as err:
            self._note_failure(kind, err)
            raise
        except Exception as err:
            _log.exception("store_failed_unexpectedly")
            failure = UnexpectedError(f"The store failed unexpectedly: {type(err).__name__}: {err}")
            self._note_failure(kind, failure)
            raise failure from err
        if self._errors.pop(kind, None) is not None and not self._errors:
            _log.info("store_writes_recovered")
            self._failing_since = None
        return result

    def _note_failure(self, kind: str, err: IngestorError) -> None:
        if not self._errors:
            _log.warning("store_writes_failed", key=err.key, error=err.message)
            self._failing_since = self._clock.monotonic()
        self._errors[kind] = err
