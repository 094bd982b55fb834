"""The choice between store and services: a flag, and a share of the clients by a stable hash."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct, structs

_BUCKETS = 10_000


class SourceChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """The three switches of the rollout, as saved on disk."""

    use_influxdb_stats: bool = True
    influxdb_rollout_percent: int = 100
    stats_compare: bool = False

    def uses_store(self, client: str) -> bool:
        """Return whether the statistics of a client come from the store; stable for each client.

        A client included at a percentage is included at every higher one.
        """
        percent = self.influxdb_rollout_percent
        return self.use_influxdb_stats and (percent >= 100 or bucket_of(client) * 100 < percent * _BUCKETS)


class Limit(StrEnum):
    """What limits a switch below its maximum."""

    ENVIRONMENT = "environment"
    RUN_TIME = "run_time"


LOWERABLE = ("use_influxdb_stats", "influxdb_rollout_percent")
"""The switches that can be lowered at run time below their value in the environment."""


def limited(kept: SourceChoice, environment: Mapping[str, bool | int]) -> SourceChoice:
    """Return the effective choice: the lower value of LOWERABLE switches, otherwise the value of the environment."""
    lower = {name: min(getattr(kept, name), value) for name, value in environment.items() if name in LOWERABLE}
    return structs.replace(kept, **{**environment, **lower})


def limits_of(kept: SourceChoice, environment: Mapping[str, bool | int]) -> dict[str, Limit | None]:
    """Return what limits each LOWERABLE switch below its maximum; the environment if both do."""
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
    """Return the bucket of a client, from 0 to 9,999; the same in every process and release."""
    return int.from_bytes(blake2b(client.encode(errors="surrogatepass"), digest_size=8).digest()) % _BUCKETS
