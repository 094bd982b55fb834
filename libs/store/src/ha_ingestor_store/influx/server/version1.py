"""InfluxDB 1.x: a database, its retention policies, and lines over `POST /write`."""

from __future__ import annotations

import asyncio
import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.influx.influxql.client import InfluxQl, Row
from ha_ingestor_store.influx.influxql.errors import is_missing
from ha_ingestor_store.influx.influxql.statements import (
    COUNT_FIELD,
    EVENTS_NAME,
    EVER,
    Question,
    Statements,
    identifier,
    question,
)
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Limit, Place, ServerCapabilities, WriteTarget
from ha_ingestor_store.influx.server.write_answers import V1_ANSWERS
from ha_ingestor_store.influx.settings import InfluxSettings

CAPABILITIES = ServerCapabilities(
    write_answers=V1_ANSWERS,
    has_retention_policies=True,
    can_delete=True,
    max_text_bytes=1024 * 1024,
)

OUR_POLICY = "events"
"""The retention policy of a database that is made here."""

_DURATION = re.compile(r"([0-9]+)([hms])")
_YEAR_S = 52 * 7 * 86_400
_UNIT_S = {"h": 3600, "m": 60, "s": 1}

_log = structlog.get_logger()


class Version1:
    """`ServerVersion` of InfluxDB 1.x."""

    capabilities = CAPABILITIES

    def __init__(self, server: Server, settings: InfluxSettings) -> None:
        self._settings = settings
        self._write_headers = _authorization(settings.write_token or settings.token)
        self._place = {"db": settings.database} | ({"rp": settings.policy} if settings.policy else {})
        self._is_settled = "rp" in self._place
        self._settling = asyncio.Lock()
        self._database = identifier(settings.database)
        self._rollups = identifier(settings.rollups_policy)
        headers = _authorization(settings.token)
        self.influxql = InfluxQl(server, self._place, headers=headers, write_headers=self._write_headers)

    def prefix(self, place: Place) -> str:
        """Return the policy of the rollups with its dot; events are in the policy that is asked."""
        return f"{self._rollups}." if place is Place.ROLLUPS else ""

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """Return where lines of raw points, or of rollups, go."""
        params = {**self._place, "precision": "ns"}
        name = f"database {self._settings.database}"
        if rollups:
            params["rp"] = self._settings.rollups_policy
        if "rp" in params:
            name += f", retention policy {params['rp']}"
        return WriteTarget(path="/write", params=params, headers=self._write_headers, name=name)

    async def settle(self) -> None:
        """Find the events' policy; while there is no database the server's default policy is used, and asked again."""
        if self._is_settled:
            return
        async with self._settling:
            if not self._is_settled:
                try:
                    policy = await self.policy_of_events()
                except StoreRefusedError as err:  # who may not see the policies may still write
                    _log.debug("retention_policies_hidden", error=err.message)
                    return
                if policy is not None:
                    self._place["rp"] = policy
                    self._is_settled = True

    async def delete(self, place: Place, measurement: str, tags: Mapping[str, str], time_ns: int) -> None:
        """Delete one point; 1.x deletes in all policies of the database."""
        statements = Statements()
        same = (f"{identifier(name)} = {statements.bind(value)}" for name, value in tags.items())
        statements.add(f"DELETE FROM {identifier(measurement)} WHERE {' AND '.join(same)} AND time = {time_ns}")
        await self.influxql(statements.question(), writes=True)

    async def has_organisation(self) -> None:
        """Return None: this version has none."""

    async def retentions(self) -> dict[Place, int]:
        """Return how many seconds each place keeps points (0: for ever), without policies that are missing."""
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
        """Return where the events are, if not in the default policy, to which other programs write."""
        policies = await self._policies()
        ours = await self._policy_of_events(policies)
        default = next((policy["name"] for policy in policies if policy["default"]), None)
        if ours is None or default == ours or self._settings.policy is not None:
            return None
        text = f"the events are in retention policy {ours}, though the default one is {default}"
        if await self._oldest_ns(str(default)) is not None:
            text += ", which holds events, too: they are not read"
        return text

    async def limits(self) -> list[Limit]:
        """Return the limits of series and of values of a tag; only an administrator may ask."""
        (config,) = await self.influxql(question("SHOW DIAGNOSTICS FOR 'config-data'"))
        entities = await self._largest('SHOW TAG VALUES CARDINALITY WITH KEY = "entity_id"')
        series = await self._largest("SHOW SERIES CARDINALITY")
        found = [
            Limit("max-values-per-tag", "entities", int(config.values.get("max-values-per-tag", 0)), entities),
            Limit("max-series-per-database", "series", int(config.values.get("max-series-per-database", 0)), series),
        ]
        return [limit for limit in found if limit.most]

    async def prepare(self) -> None:
        """Create the database and the policies that are missing."""
        found = await self.retentions()
        if Place.EVENTS not in found:
            raw = duration(self._settings.raw_retention_s)
            named = self._settings.policy
            of_its_own = f" WITH DURATION {raw} NAME {identifier(OUR_POLICY)}" if named is None else ""
            await self._do(f"CREATE DATABASE {self._database}{of_its_own}")
            if named is not None:
                policy = f"{identifier(named)} ON {self._database}"
                await self._do(f"CREATE RETENTION POLICY {policy} DURATION {raw} REPLICATION 1")
        if Place.ROLLUPS not in found:
            terms = kept_in_shards(self._settings.rollup_retention_s)
            await self._do(f"CREATE RETENTION POLICY {self._rollups} ON {self._database} {terms}")

    async def _do(self, statement: str) -> None:
        await self.influxql(question(statement), writes=True)

    async def _policies(self) -> list[dict[str, Any]]:
        rows = await self._rows_or_none(question(f"SHOW RETENTION POLICIES ON {self._database}"))
        return [row.values for row in rows or []]

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
        place = f"{self._database}.{identifier(policy)}.{EVENTS_NAME}"
        rows = await self.influxql(question(f"SELECT {COUNT_FIELD} FROM {place} WHERE {EVER} LIMIT 1"))
        return min((row.time_ns for row in rows), default=None)

    async def _largest(self, statement: str) -> int:
        return max(
            (value for row in await self.influxql(question(statement)) for value in row.values.values()), default=0
        )

    async def _rows_or_none(self, asked: Question) -> list[Row] | None:
        """Return the rows; None where the database does not exist."""
        try:
            return await self.influxql(asked)
        except StoreRefusedError as err:
            if is_missing(err):
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


def _authorization(token: str) -> dict[str, str]:
    """Return the header of `user:password` or a token; none where nothing is set."""
    if not token:
        return {}
    if ":" in token:
        return {"Authorization": f"Basic {b64encode(token.encode()).decode()}"}
    return {"Authorization": f"Token {token}"}
