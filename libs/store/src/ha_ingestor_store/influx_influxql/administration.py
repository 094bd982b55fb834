"""The administration of InfluxDB 1.x: the database, its retention policies, and what a user may do."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ha_ingestor_store.influx.schema import COUNT, EVENTS, MAX_TIME_NS, MIN_TIME_NS
from ha_ingestor_store.influx.server.administration import MARKS, Place
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_influxql.asking import Ask, Row
from ha_ingestor_store.influx_influxql.queries import Question, identifier

OUR_POLICY = "events"
"""The retention policy of a database that is made here."""

_EVER = f"time >= {MIN_TIME_NS} AND time < {MAX_TIME_NS}"
_DURATION = re.compile(r"([0-9]+)([hms])")
_YEAR_S = 52 * 7 * 86_400
_UNIT_S = {"h": 3600, "m": 60, "s": 1}


class InfluxQlAdministrator:
    """`Administrator` of InfluxDB 1.x."""

    def __init__(self, settings: InfluxSettings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._database = identifier(settings.database)
        self._rollups = identifier(settings.rollups_policy)

    async def has_organisation(self) -> bool | None:
        """See Administrator.has_organisation."""
        return None

    async def retentions(self) -> dict[Place, int]:
        """See Administrator.retentions."""
        policies = await self._policies()
        places = {Place.EVENTS: await self._policy_of_events(policies), Place.ROLLUPS: self._settings.rollups_policy}
        kept = {policy["name"]: seconds(policy["duration"]) for policy in policies}
        return {place: kept[name] for place, name in places.items() if name in kept}

    async def policy_of_events(self) -> str | None:
        """Return the policy that holds the events; None where the database, or the policy that is named, is missing.

        Without a name in the settings it is the one that holds the oldest event, then the one that `prepare` made, then
        the default one: an administrator may make another the default at any time, and the history stays where it is.
        """
        return await self._policy_of_events(await self._policies())

    async def remark(self) -> str | None:
        """See Administrator.remark; other programs write to the default policy, we to that of the events."""
        policies = await self._policies()
        ours = await self._policy_of_events(policies)
        default = next((policy["name"] for policy in policies if policy["default"]), None)
        if ours is None or default == ours or self._settings.policy is not None:
            return None
        text = f"the events are in retention policy {ours}, though the default one is {default}"
        if await self._oldest_ns(str(default)) is not None:
            text += ", which holds events, too: they are not read"
        return text

    async def _policies(self) -> list[dict[str, Any]]:
        question = Question(f"SHOW RETENTION POLICIES ON {self._database}")
        return [row.values for row in await self._ask_or_none(question) or []]

    async def _policy_of_events(self, policies: Sequence[Mapping[str, Any]]) -> str | None:
        names: list[str] = [policy["name"] for policy in policies if policy["name"] != self._settings.rollups_policy]
        named = self._settings.policy
        if named is not None:
            return named if named in names else None
        if len(names) < 2:
            return names[0] if names else None
        oldest = {name: time_ns for name in names if (time_ns := await self._oldest_ns(name)) is not None}
        if oldest:
            return min(oldest, key=lambda name: oldest[name])
        default: str | None = next((policy["name"] for policy in policies if policy["default"]), None)
        return OUR_POLICY if OUR_POLICY in names else default

    async def _oldest_ns(self, policy: str) -> int | None:
        place = f"{self._database}.{identifier(policy)}.{identifier(EVENTS)}"
        rows = await self._ask(Question(f"SELECT {identifier(COUNT)} FROM {place} WHERE {_EVER} LIMIT 1"))
        return min((row.time_ns for row in rows), default=None)

    async def prepare(self) -> None:
        """See Administrator.prepare."""
        found = await self.retentions()
        if Place.EVENTS not in found:
            raw = duration(self._settings.raw_retention_s)
            named = self._settings.policy
            of_its_own = f" WITH DURATION {raw} NAME {identifier(OUR_POLICY)}" if named is None else ""
            await self._ask(Question(f"CREATE DATABASE {self._database}{of_its_own}"), writes=True)
            if named is not None:
                text = f"CREATE RETENTION POLICY {identifier(named)} ON {self._database} DURATION {raw} REPLICATION 1"
                await self._ask(Question(text), writes=True)
        if Place.ROLLUPS not in found:
            text = f"CREATE RETENTION POLICY {self._rollups} ON {self._database} "
            await self._ask(Question(text + kept_in_shards(self._settings.rollup_retention_s)), writes=True)

    async def try_to_read(self, place: Place) -> None:
        """See Administrator.try_to_read."""
        await self._ask(Question(f"SELECT value FROM {self._marks(place)} WHERE time >= 0 AND time < 1 LIMIT 1"))

    async def holds_mark(self, place: Place, mark: str, time_ns: int) -> bool:
        """See Administrator.holds_mark."""
        text = f'SELECT value FROM {self._marks(place)} WHERE "mark" = $mark AND time = {time_ns}'
        return bool(await self._ask(Question(text, {"mark": mark})))

    async def delete_mark(self, place: Place, mark: str, time_ns: int) -> None:
        """See Administrator.delete_mark; 1.x deletes in all policies of the database."""
        text = f'DELETE FROM {identifier(MARKS)} WHERE "mark" = $mark AND time = {time_ns}'
        await self._ask(Question(text, {"mark": mark}), writes=True)

    def _marks(self, place: Place) -> str:
        marks = identifier(MARKS)
        return f"{self._rollups}.{marks}" if place is Place.ROLLUPS else marks

    async def _ask_or_none(self, question: Question) -> list[Row] | None:
        """The rows; None where the database is not there."""
        try:
            return await self._ask(question)
        except Exception as err:
            if "not found" in str(err):
                return None
            raise


def seconds(duration: str) -> int:
    """The seconds of a duration as 1.x writes it, such as 2160h0m0s."""
    return sum(int(number) * _UNIT_S[unit] for number, unit in _DURATION.findall(duration))


def kept_in_shards(seconds: int) -> str:
    """The terms of a policy of rollups: few points, so long shards; but 1.x refuses one longer than what it keeps."""
    shard = "" if 0 < seconds < _YEAR_S else " SHARD DURATION 52w"
    return f"DURATION {duration(seconds)} REPLICATION 1{shard}"


def duration(seconds: int) -> str:
    """A duration as 1.x reads it; 0 is for ever."""
    return f"{math.ceil(seconds)}s" if seconds else "INF"
