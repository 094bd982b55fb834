"""A database of InfluxDB: the readers and write targets of one version, which every part of the store uses."""

from __future__ import annotations

from ha_ingestor_store.influx.queries.event_reader import EventReader
from ha_ingestor_store.influx.queries.record_reader import RecordReader
from ha_ingestor_store.influx.queries.window_reader import WindowReader
from ha_ingestor_store.influx.server.version import Place, ServerVersion, WriteTarget


class Database(EventReader, WindowReader, RecordReader):
    """Queries and write targets. All raise StoreUnavailableError (try again) and StoreRefusedError."""

    def __init__(self, version: ServerVersion) -> None:
        rollups = version.prefix(Place.ROLLUPS)
        EventReader.__init__(self, version.influxql)
        WindowReader.__init__(self, version.influxql, rollups)
        RecordReader.__init__(self, version.influxql, rollups)
        self.version = version

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """Return where lines of raw points, or of rollups, go."""
        return self.version.write_target(rollups=rollups)
