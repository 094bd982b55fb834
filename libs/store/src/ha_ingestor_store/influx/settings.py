"""The settings of an InfluxDB, built from those of the store."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from ha_ingestor_core.settings.tls import USUAL_TLS, Tls
from msgspec import Struct


class InfluxSettings(Struct, frozen=True):
    """Where InfluxDB is, and how it is used.

    `keep_s` is how long a reader may rely on what it knows of the rollups' progress: writers of late points wait so
    long. `raw_retention_s` and `rollup_retention_s` are 0 for ever. `packs`: writes and answers are compressed.
    """

    url: str
    token: str = ""
    write_token: str = ""
    org: str = "ha-ingestor"
    bucket: str = "home_assistant_events"
    timeout_s: float = 10.0
    write_timeout_s: float = 30.0
    keep_s: float = 1.0
    raw_retention_s: int = 90 * 86_400
    rollup_retention_s: int = 0
    packs: bool = True
    tls: Tls = USUAL_TLS

    @property
    def database(self) -> str:
        """The database of 1.x: all of the bucket's name, or what is before the slash of `database/policy`."""
        return self.bucket.partition("/")[0]

    @property
    def policy(self) -> str | None:
        """The retention policy of 1.x that holds the events; None for the database's default one."""
        return self.bucket.partition("/")[2] or None

    @property
    def rollups_policy(self) -> str:
        """The retention policy of 1.x that holds the rollups."""
        return self.rollups_bucket.replace("/", "_")

    @property
    def rollups_bucket(self) -> str:
        """Where the rollups are on 2.x: a bucket of its own."""
        return f"{self.bucket}_rollups"


def is_on_this_machine(url: str) -> bool:
    """Whether an address is a loopback one, by its looks."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
