"""The parts of the store that work on one InfluxDB, once its version is known."""

from __future__ import annotations

from ha_ingestor_core.clock import Clock

from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.reading.exports import Exports
from ha_ingestor_store.influx.reading.known_renames import KnownRenames
from ha_ingestor_store.influx.reading.reader import InfluxReader
from ha_ingestor_store.influx.rollups.known_progress import KnownProgress
from ha_ingestor_store.influx.rollups.lease import Lease, Term
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.rollups.tenure import Tenure, Tenures
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.retention import Retention
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter
from ha_ingestor_store.influx.writing.events_writer import EventsWriter
from ha_ingestor_store.influx.writing.line_protocol import alert_line, gap_line
from ha_ingestor_store.influx.writing.reports_writer import ReportsWriter
from ha_ingestor_store.influx.writing.spans_writer import SpansWriter
from ha_ingestor_store.influx.writing.weather_writer import WeatherWriter


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

        self.writer = writer = BatchWriter(
            server, version.capabilities, timeout_s=settings.write_timeout_s, packs=settings.packs
        )

        def begin(term: Term) -> Tenure[EventsWriter]:
            bounded = writer.within(term.remaining_s)
            rollups = Rollups(
                database,
                bounded,
                term,
                clock=clock,
                keep_s=settings.keep_s,
                kept_from_ns=retention.kept_from_ns,
                report_wait_s=report_wait_s,
            )
            events = EventsWriter(database, bounded, rollups, clock=clock, on_renames=renames.forget)
            return Tenure(term, rollups, events)

        self.database = database
        self.exporter = Exports(database, database, version.influxql, clock)
        progress = KnownProgress(database, clock=clock, keep_s=settings.keep_s)
        self.reader = InfluxReader(database, progress.get, renames.get, progress.anew)
        self.tenures = Tenures(Lease(database, self.writer, clock=clock, instance=instance), begin)
        self.weather = WeatherWriter(database, self.writer)
        self.gaps = SpansWriter(database, self.writer, gap_line)
        self.alerts = SpansWriter(database, self.writer, alert_line)
        self.reports = ReportsWriter(database, self.writer, clock=clock)
