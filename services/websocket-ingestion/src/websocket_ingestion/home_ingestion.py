"""One home, from its Home Assistant's socket to the delivery of its events."""

from __future__ import annotations

from math import nan
from pathlib import Path
from typing import Any, Protocol

import structlog
from ha_ingestor_core.alive import AliveSink
from ha_ingestor_core.calls.backfill import BackfillProgress
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.delivery import EventDelivery
from ha_ingestor_core.gaps import GapSink
from ha_ingestor_core.reporting.report_journal import ReportJournal
from ha_ingestor_core.reporting.report_memory import Reports
from ha_ingestor_core.reporting.service_reporter import ServiceMetricsReporter
from ha_ingestor_core.reporting.totals import totals_view
from ha_ingestor_core.reporting.transfer_rate import TransferRate
from ha_ingestor_core.service_metrics import Level, ServiceCounters, ServiceMetricsSink
from prometheus_client import CollectorRegistry

from websocket_ingestion.connection.capture import Capture, Home
from websocket_ingestion.connection.last_reported import LastReportedPoller
from websocket_ingestion.connection.reconnect import USUAL_BACKOFF, BackoffLimits, ReconnectPolicy
from websocket_ingestion.connection.refused_token import RefusedToken, refusal_path
from websocket_ingestion.connection.session import SessionParts
from websocket_ingestion.delivery.batch_sender import BatchSender
from websocket_ingestion.delivery.forwarder import Forwarder, ForwardingLimits
from websocket_ingestion.delivery.lag_histogram import observe_lag
from websocket_ingestion.gaps.filling_plan import FillingLimits
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.health import health_report
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.registries.registry_cache import RegistryCache
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.service import SERVICE
from websocket_ingestion.settings import CaptureSettings, GapSettings
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool
from websocket_ingestion.write_delays import NO_DELAYS, WriteDelays


class IngestionSink(ServiceMetricsSink, GapSink, AliveSink, Protocol):
    """Stores what the service reports in addition to events: metrics, gaps and signs of life."""


class HomeIngestion:
    """`CapturedHome`: from the socket to the delivery, with its own spool, gaps and back-off."""

    def __init__(
        self,
        *,
        home: Home,
        settings: CaptureSettings,
        gap_settings: GapSettings,
        data_dir: Path,
        instance: str,
        delivery: EventDelivery,
        sink: IngestionSink,
        clock: Clock,
        registry: CollectorRegistry,
        backoff: BackoffLimits = USUAL_BACKOFF,
        delays: WriteDelays = NO_DELAYS,
    ) -> None:
        metrics = IngestionMetrics(registry)
        self._home = home
        self._counters = ServiceCounters()
        folder = data_dir / "spool" / home.name
        observe_lag(registry, self._counters)
        self._spool = Spool(
            folder,
            clock=clock,
            metrics=metrics,
            limits=SpoolLimits(settings.spool_limit_bytes, settings.spool_memory_bytes, sync_s=delays.sync_s),
        )
        outcomes = Outcomes(data_dir / "gaps" / f"{home.name}.written")
        self._sender = BatchSender(
            home=home.name, delivery=delivery, clock=clock, metrics=metrics, on_recovered=outcomes.note
        )
        self._forwarder = Forwarder(
            spool=self._spool,
            sender=self._sender,
            counters=self._counters,
            clock=clock,
            metrics=metrics,
            limits=ForwardingLimits(settings.forward_batch_size, settings.forward_batch_bytes, delays.gather_s),
        )
        self._home_clock = ServerClock(clock)
        metrics.clock_offset.set_function(lambda: nan if (ahead_s := self._home_clock.offset_s()) is None else ahead_s)
        self._intake = Intake(
            spool=self._spool, counters=self._counters, clock=clock, metrics=metrics, home_clock=self._home_clock
        )
        self._gaps = GapTracker(
            home=home.name,
            folder=data_dir / "gaps",
            intake=self._intake,
            outcomes=outcomes,
            sink=sink,
            clock=clock,
            metrics=metrics,
            limits=filling_limits(gap_settings),
        )
        self._policy = ReconnectPolicy(
            clock=clock,
            metrics=metrics,
            limits=backoff,
            url_variable=home.url_variable,
            token_variable=home.token_variable or "HA_TOKEN",
        )
        self._registries = RegistryCache(
            data_dir / "registries" / f"{home.name}.json",
            intake=self._intake,
            gaps=self._gaps,
            connected_ns=lambda: self._policy.connected_ns,
            use=self._forwarder.use_registries,
        )
        self._last_reported = LastReportedPoller(home=home.name, sink=sink, interval_s=settings.alive_poll_s)
        self._capture = Capture(
            home=home,
            session_parts=SessionParts(
                home=home.name,
                intake=self._intake,
                metrics=metrics,
                gaps=self._gaps,
                clock=clock,
                home_clock=self._home_clock,
                states=StateCheck(gaps=self._gaps, home_clock=self._home_clock, metrics=metrics),
                on_registries=self._registries.use,
                known_registries=lambda: self._registries.latest,
                state_check_s=settings.state_check_s,
                last_reported=self._last_reported,
            ),
            policy=self._policy,
            refused_token=RefusedToken(refusal_path(data_dir, home.name), clock),
        )
        self._reporter = ServiceMetricsReporter(
            service=SERVICE,
            instance=instance,
            counters=self._counters,
            sink=sink,
            clock=clock,
            levels=self._levels,
            totals=lambda: self._spool.totals,
            journal=ReportJournal(folder / "reports"),
        )

    @property
    def name(self) -> str:
        """The name of the home in the store."""
        return self._home.name

    async def start(self) -> None:
        """Begin to capture; an unreachable Home Assistant is no error.

        Raises SpoolUnusableError where events cannot be saved.
        """
        with structlog.contextvars.bound_contextvars(home=self._home.name):  # the tasks begun here inherit it
            self._sender.registries = self._registries.load()
            await self._spool.start()
            await self._registries.start()
            await self._gaps.start()
            await self._reporter.start()
            await self._forwarder.start()
            await self._capture.start()

    async def stop(self) -> None:
        """Stop reading, deliver what is queued (3 s at most), leave the rest on disk, report the last interval."""
        await self._capture.stop()
        await self._forwarder.stop()
        await self._registries.stop()
        await self._spool.stop()
        await self._gaps.stop()
        await self._reporter.stop()

    def status(self) -> dict[str, Any]:
        """Return this home's part of /stats."""
        return {
            "home": self._home.name,
            "counters": {counter.value: count for counter, count in self._counters.totals.items()},
            "totals": totals_view(self._spool.totals),
            "queue_depth": self._spool.totals.queued,
            "queue_bytes": self._spool.depth_bytes,
            "queue_waits": self._spool.backpressure.waits,
            "spool": self._spool.status(),
            "delivery_error": self._sender.last_error,
            "websocket_connection": self._policy.status(),
            "event_processing": self._intake.status(),
            "gaps": self._gaps.status(),
            "is_running": self._is_running,
            "clock_offset_s": self._home_clock.offset_s(),
            "signs_of_life": self._last_reported.status(),
        }

    def transfer_rates(self) -> dict[str, TransferRate]:
        """Return the rates of delivery, by the receiving part."""
        return {"enrichment-pipeline": self._sender.delivered, "store": self._reporter.written}

    async def reports(self, start_ns: int) -> Reports:
        """Return the reports from `start_ns` on that the service has in memory."""
        return await self._reporter.reports(start_ns)

    async def begin_backfill(self, start_ns: int, end_ns: int) -> BackfillProgress:
        """Begin to fill [start, end); raises InvalidInputError and BackfillRunningError."""
        return await self._gaps.backfill.begin(start_ns, end_ns)

    async def backfill_progress(self) -> BackfillProgress | None:
        """The backfill that runs, or the last one since the start; None when there was none."""
        return self._gaps.backfill.progress()

    async def deliver_now(self, within_s: float) -> None:
        """Return once all captured events are stored, or the time is over; at once while the delivery fails."""
        if self._sender.last_error is None:
            await self._spool.deliver_now(within_s)

    def health(self) -> dict[str, Any]:
        """Return this home's part of /health."""
        report = health_report(
            is_running=self._is_running,
            connection=self._policy.state,
            paused=self._spool.pause_reason,
            delivery_error=self._sender.last_error,
            receives_all=self._policy.event_types is None,
        )
        return {**report, "clock_offset_s": self._home_clock.offset_s()}

    @property
    def _is_running(self) -> bool:
        return all(part.is_running for part in (self._spool, self._forwarder, self._capture))

    def _levels(self) -> dict[Level, float | None]:
        return {Level.QUEUE_DEPTH: float(self._spool.totals.queued), Level.LAG_S: self._spool.lag_s()}


def filling_limits(settings: GapSettings) -> FillingLimits:
    """Return the limits of gap filling in the settings."""
    days = int(settings.first_start.removesuffix("d"))
    return FillingLimits(**settings.model_dump(exclude={"first_start"}), first_start_days=days)
