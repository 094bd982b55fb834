"""The administration of InfluxDB 1.x: the database, its retention policies, and what a user may do."""

from __future__ import annotations

import math
import re

from ha_ingestor_store.influx.administration import MARKS, Place
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_influxql.asking import Ask, Row
from ha_ingestor_store.influx_influxql.queries import Question, identifier

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
        """See Administrator.retentions; the events are in the policy that is named, else in the default one."""
        question = Question(f"SHOW RETENTION POLICIES ON {self._database}")
        found = {}
        for policy in (row.values for row in await self._ask_or_none(question) or []):
            named = self._settings.policy
            if policy["default"] if named is None else policy["name"] == named:
                found[Place.EVENTS] = seconds(policy["duration"])
            if policy["name"] == self._settings.rollups_policy:
                found[Place.ROLLUPS] = seconds(policy["duration"])
        return found

    async def prepare(self) -> None:
        """See Administrator.prepare."""
        found = await self.retentions()
        if Place.EVENTS not in found:
            raw = duration(self._settings.raw_retention_s)
            named = self._settings.policy
            of_its_own = f' WITH DURATION {raw} NAME "events"' if named is None else ""
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
