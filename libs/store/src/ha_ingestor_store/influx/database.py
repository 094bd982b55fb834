"""A database of InfluxDB: the readers and write targets of one version, which every part of the store uses."""

from __future__ import annotations

from ha_ingestor_store.influx.reading.event_reader import EventReader
from ha_ingestor_store.influx.reading.record_reader import RecordReader
from ha_ingestor_store.influx.reading.window_reader import WindowReader
from ha_ingestor_store.influx.schema import EVENT_TAGS, EVENTS
from ha_ingestor_store.influx.server.version import Place, ServerVersion, WriteTarget
from ha_ingestor_store.influx.tags import encode_tag
from ha_ingestor_store.points import SeriesKey


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

    async def delete_event(self, key: SeriesKey, time_ns: int) -> None:
        """Delete one event that has all four tags."""
        tags = {name: encode_tag(value) for name, value in zip(EVENT_TAGS, key, strict=True) if value is not None}
        await self.version.delete(Place.EVENTS, EVENTS, tags, time_ns)
