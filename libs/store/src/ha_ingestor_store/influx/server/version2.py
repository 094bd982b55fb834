"""InfluxDB 2.x: buckets of an organisation, asked as databases, and lines over `POST /api/v2/write`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import msgspec
import structlog
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import StoreRefusedError
from msgspec import Struct

from ha_ingestor_store.influx.influxql.client import InfluxQl
from ha_ingestor_store.influx.influxql.statements import identifier
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Limit, Place, ServerCapabilities, WriteTarget
from ha_ingestor_store.influx.server.write_answers import V2_ANSWERS
from ha_ingestor_store.influx.settings import InfluxSettings

CAPABILITIES = ServerCapabilities(
    write_answers=V2_ANSWERS,
    has_retention_policies=False,
    can_delete=True,
    max_text_bytes=1024 * 1024,
)

_ID = re.compile(r"[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = structlog.get_logger()

T = TypeVar("T")


class DatabaseName(NamedTuple):
    """What InfluxQL calls a bucket."""

    name: str
    policy: str


class Version2:
    """`ServerVersion` of InfluxDB 2.x."""

    capabilities = CAPABILITIES

    def __init__(self, server: Server, settings: InfluxSettings) -> None:
        self._server = server
        self._org = settings.org
        # Writes and queries take an ID for a name, these requests don't.
        self._whose = {"orgID" if _ID.fullmatch(settings.org) else "org": settings.org}
        self._buckets = {Place.EVENTS: settings.bucket, Place.ROLLUPS: settings.rollups_bucket}
        self._kept_s = {Place.EVENTS: settings.raw_retention_s, Place.ROLLUPS: settings.rollup_retention_s}
        self._reads = {"Authorization": f"Token {settings.token}"}
        self._writes = {"Authorization": f"Token {settings.write_token or settings.token}"}
        self._databases = {place: virtual_database(bucket) for place, bucket in self._buckets.items()}
        events = self._databases[Place.EVENTS]
        self._place = {"db": events.name, "rp": events.policy}
        self._is_settled = False
        self._settling = asyncio.Lock()
        self.influxql = InfluxQl(server, self._place, headers=self._reads, write_headers=self._writes)

    def prefix(self, place: Place) -> str:
        """Return the database and policy of the rollups with their dots; events are in the database that is asked."""
        return "".join(f"{identifier(name)}." for name in self._databases[place]) if place is Place.ROLLUPS else ""

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """Return where lines of raw points, or of rollups, go."""
        bucket = self._buckets[Place.ROLLUPS if rollups else Place.EVENTS]
        params = {"org": self._org, "bucket": bucket, "precision": "ns"}
        return WriteTarget(path="/api/v2/write", params=params, headers=self._writes, name=f"bucket {bucket}")

    async def settle(self) -> None:
        """Verify once that InfluxQL finds the buckets under their names.

        An administrator may have mapped such a name to another bucket, whose points would be read instead.
        """
        if self._is_settled:
            return
        async with self._settling:
            if self._is_settled:
                return
            for place, database in self._databases.items():
                await self._verify_mapping(self._buckets[place], database)
            self._is_settled = True

    async def delete(self, place: Place, measurement: str, tags: Mapping[str, str], time_ns: int) -> None:
        """Delete one point."""
        same = [f"{name}={_quoted(value)}" for name, value in {"_measurement": measurement, **tags}.items()]
        body = {"start": _rfc3339(time_ns), "stop": _rfc3339(time_ns), "predicate": " AND ".join(same)}
        bucket = self._buckets[place]
        answer = await self._server.request(
            "POST",
            "/api/v2/delete",
            params={"org": self._org, "bucket": bucket},
            headers=_json(self._writes),
            body=msgspec.json.encode(body),
        )
        self._server.raise_for(answer, f"deleting from bucket {bucket}")

    async def has_organisation(self) -> bool:
        """Whether the organisation exists."""
        answer = await self._get("/api/v2/buckets", {"limit": "1"}, f"looking for organisation {self._org}", _Buckets)
        return answer is not None

    async def retentions(self) -> dict[Place, int]:
        """Return how many seconds each bucket keeps points (0: for ever); one that is missing or hidden is left out."""
        found = {place: await self._bucket(name) for place, name in self._buckets.items()}
        return {place: sum(rule.everySeconds for rule in each.retentionRules) for place, each in found.items() if each}

    async def remark(self) -> None:
        """Return None: there is nothing to remark."""

    async def limits(self) -> list[Limit]:
        """Return none: this version limits neither series nor values of a tag."""
        return []

    async def prepare(self) -> None:
        """Create the buckets that are missing."""
        for place, name in self._buckets.items():
            if await self._bucket(name) is None:
                await self._create_bucket(name, self._kept_s[place])

    async def _verify_mapping(self, bucket: str, database: DatabaseName) -> None:
        try:
            found = await self._get("/api/v2/dbrps", {"db": database.name}, "looking for mappings", _Mappings)
        except StoreRefusedError as err:  # who may not see the mappings may still read the bucket
            _log.debug("mappings_hidden", error=err.message)
            return
        mappings = found.content if found else []
        ours = next((each for each in mappings if each.retention_policy == database.policy), None)
        if ours is None or ours.virtual:
            return
        if (known := await self._bucket(bucket)) and known.id != ours.bucketID:
            raise StoreRefusedError(
                f"{self._server.url}: InfluxQL finds another bucket under the name of {bucket}: an administrator has "
                f"mapped {database.name}/{database.policy}. Delete the mapping ({ours.id}), or choose another bucket"
            )

    async def _bucket(self, name: str) -> _Bucket | None:
        # A token that may only write sees no bucket.
        found = await self._get("/api/v2/buckets", {"name": name}, f"looking for bucket {name}", _Buckets)
        return next(iter(found.buckets), None) if found else None

    async def _create_bucket(self, name: str, retention_s: int) -> None:
        answer = await self._server.request("GET", "/api/v2/orgs", params=self._whose, headers=self._writes)
        self._server.raise_for(answer, f"looking for organisation {self._org}")
        orgs = msgspec.json.decode(answer.body, type=_Orgs).orgs
        if not orgs:  # one that does not exist is answered by 404
            raise StoreRefusedError(
                f"{self._server.url}: the token may not create bucket {name}: it sees no organisation {self._org}"
            )
        rules = [{"type": "expire", "everySeconds": retention_s}] if retention_s else []
        body = msgspec.json.encode({"orgID": orgs[0].id, "name": name, "retentionRules": rules})
        answer = await self._server.request("POST", "/api/v2/buckets", headers=_json(self._writes), body=body)
        self._server.raise_for(answer, f"creating bucket {name}")

    async def _get(self, path: str, params: dict[str, str], doing: str, kind: type[T]) -> T | None:
        """Return what the reading token sees; None for 404."""
        answer = await self._server.request("GET", path, params={**self._whose, **params}, headers=self._reads)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._server.raise_for(answer, doing)
        return msgspec.json.decode(answer.body, type=kind)


def virtual_database(bucket: str) -> DatabaseName:
    """Return what InfluxQL calls a bucket that nobody has mapped: `database/policy`, or the name alone."""
    name, _, policy = bucket.partition("/")
    return DatabaseName(name, policy or "autogen")


class _Org(Struct):
    id: str


class _Orgs(Struct):
    orgs: list[_Org] = []


class _Rule(Struct):
    everySeconds: int = 0  # noqa: N815


class _Bucket(Struct):
    name: str
    id: str = ""
    retentionRules: list[_Rule] = []  # noqa: N815


class _Buckets(Struct):
    buckets: list[_Bucket] = []


class _Mapping(Struct):
    id: str
    retention_policy: str
    bucketID: str  # noqa: N815
    virtual: bool = False


class _Mappings(Struct):
    content: list[_Mapping] = []


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Content-Type": "application/json"}


def _quoted(value: str) -> str:
    """Return a value of a delete predicate; a tag as it is kept holds no backslash."""
    return '"' + value.replace('"', '\\"') + '"'


def _rfc3339(time_ns: int) -> str:
    moment = _EPOCH + timedelta(seconds=time_ns // NS_PER_S)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % NS_PER_S:09d}Z"
