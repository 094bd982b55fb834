"""Who gets statistics from the store and who from the services: a flag, and a share of the clients by a stable hash."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct, structs

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


class Limit(StrEnum):
    """What keeps a switch below its highest value."""

    ENVIRONMENT = "environment"
    RUN_TIME = "run_time"


LOWERABLE = ("use_influxdb_stats", "influxdb_rollout_percent")
"""The switches that can be lowered at run time below what the environment says."""


def limited(kept: SourceChoice, environment: Mapping[str, bool | int]) -> SourceChoice:
    """Return the choice in force: of what can be lowered the lower value, of the rest the environment's."""
    lower = {name: min(getattr(kept, name), value) for name, value in environment.items() if name in LOWERABLE}
    return structs.replace(kept, **{**environment, **lower})


def limits_of(kept: SourceChoice, environment: Mapping[str, bool | int]) -> dict[str, Limit | None]:
    """Return what keeps each switch that can be lowered below its highest value; the environment where both do."""
    in_force, highest = limited(kept, environment), SourceChoice()
    return {
        name: None
        if (value := getattr(in_force, name)) == getattr(highest, name)
        else Limit.ENVIRONMENT
        if environment.get(name) == value
        else Limit.RUN_TIME
        for name in LOWERABLE
    }


def bucket_of(client: str) -> int:
    """A number from 0 to 9,999 that is the client's own, in every process and for ever."""
    return int.from_bytes(blake2b(client.encode(errors="surrogatepass"), digest_size=8).digest()) % _BUCKETS
