"""The supported versions of InfluxDB, by their major number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.server.http import Server, Version
from ha_ingestor_store.influx.server.version import ServerVersion
from ha_ingestor_store.influx.server.version1 import Version1
from ha_ingestor_store.influx.server.version2 import Version2
from ha_ingestor_store.influx.settings import InfluxSettings

VERSIONS: Mapping[int, Callable[[Server, InfluxSettings], ServerVersion]] = {1: Version1, 2: Version2}
SUPPORTED = " and ".join(f"{major}.x" for major in sorted(VERSIONS))


def supported(version: Version, server: Server, settings: InfluxSettings) -> ServerVersion:
    """Return the version that a server said it is; raises StoreRefusedError where it is not supported."""
    made = VERSIONS.get(version.major)
    if made is None:
        raise StoreRefusedError(
            f"{server.url} is InfluxDB {version.text}, which this release does not support. Use InfluxDB {SUPPORTED}",
            version=version.text,
        )
    return made(server, settings)
