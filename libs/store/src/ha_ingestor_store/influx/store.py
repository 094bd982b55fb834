"""The store on InfluxDB; its version is found out when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

import structlog
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.alive import Alive
from ha_ingestor_core.clock import Clock, SystemClock
from ha_ingestor_core.errors import StoreRefusedError
from ha_ingestor_core.gaps import Gap
from ha_ingestor_core.service_metrics import ServiceMetricsPoint

from ha_ingestor_store import answers
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.exports import Exports
from ha_ingestor_store.influx.reading.known_renames import KnownRenames
from ha_ingestor_store.influx.reading.reader import InfluxReader
from ha_ingestor_store.influx.rollups.known_progress import KnownProgress
from ha_ingestor_store.influx.rollups.lease import Lease, Term
from ha_ingestor_store.influx.rollups.rollups import REPORT_WAIT_S, Rollups
from ha_ingestor_store.influx.rollups.tenure import Tenure, Tenures
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.retention import Retention
from ha_ingestor_store.influx.server.versions import supported
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.events_writer import EventsWriter
from ha_ingestor_store.influx.writing.line_protocol import alert_line, alive_line, gap_line
from ha_ingestor_store.influx.writing.reports_writer import ReportsWriter
from ha_ingestor_store.influx.writing.spans_writer import SpansWriter
from ha_ingestor_store.influx.writing.weather_writer import WeatherWriter
from ha_ingestor_store.points import EventPoint, WeatherObservation
from ha_ingestor_store.store import Capabilities, Exporter, Source, StoreReader, Tally
from ha_ingestor_store.time_range import TimeRange

CAPABILITIES = Capabilities(source=Source.INFLUXDB, transactional_rollups=False)

_log = structlog.get_logger()

T = TypeVar("T")


class Connection:
    """The parts that work on one server, once its version is known."""

    def __init__(
        self,
        database: Database,
        server: Server,
        settings: InfluxSettings,
        *,
        clock: Clock,
        instance: str,
        report_wait_s: float,
    ) -> None:
        version = database.version
        renames = KnownRenames(database, clock=clock, keep_s=settings.keep_s)
        self.retention = retention = Retention(version, server, clock)

        def writer_of(remaining_s: Callable[[], float] | None = None) -> BatchWriter:
            return BatchWriter(
                server,
                version.capabilities,
                timeout_s=settings.write_timeout_s,
                packs=settings.packs,
                remaining_s=remaining_s,
            )

        def begin(term: Term) -> Tenure[EventsWriter]:
            writer = writer_of(term.remaining_s)
            rollups = Rollups(
                database,
                writer,
                term,
                clock=clock,
                keep_s=settings.keep_s,
                kept_from_ns=retention.kept_from_ns,
                report_wait_s=report_wait_s,
            )
            events = EventsWriter(database, writer, rollups, clock=clock, on_renames=renames.forget)
            return Tenure(term, rollups, events)

        self.database = database
        self.exporter = Exports(database, database, version.influxql, clock)
        self.writer = writer_of()
        progress = KnownProgress(database, clock=clock, keep_s=settings.keep_s)
        self.reader = InfluxReader(database, progress.get, renames.get, progress.anew)
        self.tenures = Tenures(Lease(database, self.writer, clock=clock, instance=instance), begin)
        self.weather = WeatherWriter(database, self.writer)
        self.gaps = SpansWriter(database, self.writer, gap_line)
        self.alerts = SpansWriter(database, self.writer, alert_line)
        self.reports = ReportsWriter(database, self.writer, clock=clock)


class InfluxStore:
    """`Store` on InfluxDB; nothing is asked of the server before the first call, which fails when it is away.

    `writes_events`: this process may write the events, while it has the lease on that, and keeps the rollups.
    `instance` names it; one that runs again under its name takes the lease sooner than another.
    """

    def __init__(
        self,
        settings: InfluxSettings,
        *,
        writes_events: bool,
        instance: str = "",
        clock: Clock | None = None,
        report_wait_s: float = REPORT_WAIT_S,
        rolls_up: bool = True,
    ) -> None:
        self._settings = settings
        self._writes_events = writes_events
        self._instance = instance
        self._clock = clock or SystemClock()
        self._report_wait_s = report_wait_s
        self._rolls_up = rolls_up and writes_events
        self._server = Server(settings)
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._is_closed = False
        self.reader: StoreReader = _connected(self.connect, lambda connection: connection.reader)
        self.exporter: Exporter = _connected(self.connect, lambda connection: connection.exporter)

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""
        return CAPABILITIES

    @property
    def version(self) -> str | None:
        """Return the release of what keeps the data; None until it has answered."""
        return self._server.release and self._server.release.removeprefix("v")

    @property
    def writer(self) -> InfluxStore:
        """Writes."""
        return self

    @property
    def administrator(self) -> InfluxStore:
        """Keeps the rollups."""
        return self

    async def connect(self) -> Connection:
        """The parts, once the server has said its version; raises StoreUnavailableError and StoreRefusedError."""
        connection = self._connection
        if connection is None:
            async with self._connecting:
                if self._is_closed:
                    raise StoreRefusedError(f"{self._settings.url} is closed")
                if self._connection is None:
                    self._connection = await self._connect()
                connection = self._connection
        await connection.database.version.settle()
        return connection

    async def close(self) -> None:
        """End the rollups, let go of the connections."""
        self._is_closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.tenures.stop()
        await self._server.close()

    async def expect(self, time_range: TimeRange) -> None:
        """See Store.expect; opens the windows, so that no batch waits for that."""
        connection = await self.connect()
        points = (time_range.start_ns, time_range.end_ns)
        await (await connection.tenures.current()).rollups.expect(points)
        connection.reports.expect(points)

    async def roll_up(self) -> None:
        """See Store.roll_up; what is due now, instead of waiting for the next turn."""
        await (await self._tenure()).rollups.roll_up()

    async def write_events(self, points: Sequence[EventPoint], tally: Tally | None = None) -> answers.WriteResult:
        """See EventWriter.write_events; a tally is not kept."""
        return await (await self._tenure()).events.write(points)

    async def write_weather(self, observations: Sequence[WeatherObservation]) -> list[answers.RejectedPoint]:
        """See EventWriter.write_weather."""
        return await (await self.connect()).weather.write(observations)

    async def kept_from_ns(self) -> int | None:
        """See EventWriter.kept_from_ns."""
        return await (await self.connect()).retention.kept_from_ns()

    async def totals(self, service: str) -> None:
        """See EventWriter.totals; there are no transactions to keep any in."""

    async def write_service_metrics(self, points: Sequence[ServiceMetricsPoint]) -> None:
        """See ServiceMetricsSink.write_service_metrics."""
        await (await self.connect()).reports.write(points)

    async def write_alive(self, signs: Sequence[Alive]) -> None:
        """See AliveSink.write_alive."""
        connection = await self.connect()
        newest_last = sorted(signs, key=lambda sign: sign.time_ns)  # of two with one key the server keeps the last
        await connection.writer.write(
            connection.database.write_target(rollups=False), list(map(alive_line, newest_last))
        )

    async def write_gaps(self, gaps: Sequence[Gap]) -> None:
        """See GapSink.write_gaps."""
        await (await self.connect()).gaps.write(gaps)

    async def write_alerts(self, alerts: Sequence[Alert]) -> None:
        """See AlertSink.write_alerts."""
        await (await self.connect()).alerts.write(alerts)

    async def _tenure(self) -> Tenure[EventsWriter]:
        return await (await self.connect()).tenures.current()

    async def _connect(self) -> Connection:
        found = await self._server.version()
        version = supported(found, self._server, self._settings)
        if self._writes_events:  # the others' tokens may not even see all buckets
            try:
                await version.prepare()
            except StoreRefusedError as err:  # what is there may do all the same
                _log.warning("influxdb_not_prepared", error=err.message, check="ha-ingestor doctor")
        connection = Connection(
            Database(version),
            self._server,
            self._settings,
            clock=self._clock,
            instance=self._instance,
            report_wait_s=self._report_wait_s,
        )
        if self._writes_events:
            connection.tenures.start(rolls_up=self._rolls_up)
        _log.info("influxdb_found", url=self._settings.url, version=found.text)
        return connection


def _connected(connect: Callable[[], Awaitable[Connection]], part: Callable[[Connection], T]) -> T:
    """Return a part of the connection, which is made when the first of its methods is called."""
    return cast("T", _Connected(connect, part))


class _Connected:
    def __init__(self, connect: Callable[[], Awaitable[Connection]], part: Callable[[Connection], object]) -> None:
        self._connect = connect
        self._part = part

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def method(*args: object, **options: object) -> object:
            called: Callable[..., Awaitable[object]] = getattr(self._part(await self._connect()), name)
            return await called(*args, **options)

        return method
