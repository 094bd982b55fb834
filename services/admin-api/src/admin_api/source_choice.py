"""Who gets statistics from the store and who from the services: a flag, and a share of the clients by a stable hash."""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

_BUCKETS = 10_000


class SourceChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """The three switches of the rollout, as they are kept on disk."""

    use_influxdb_stats: bool = True
    influxdb_rollout_percent: int = 100
    stats_compare: bool = False

    def uses_store(self, client: str) -> bool:
        """Whether this client's statistics come from the store: the same answer whenever it asks.

        A client that is in at some percentage stays in at every higher one.
        """
        percent = self.influxdb_rollout_percent
        return self.use_influxdb_stats and (percent >= 100 or bucket_of(client) * 100 < percent * _BUCKETS)


def bucket_of(client: str) -> int:
    """A number from 0 to 9,999 that is the client's own, in every process and for ever."""
    return int.from_bytes(blake2b(client.encode(errors="surrogatepass"), digest_size=8).digest()) % _BUCKETS
