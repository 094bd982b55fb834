"""The administration of InfluxDB 2.x: organisation, buckets and their retention, and what a token may do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from ha_ingestor_core.errors import StoreRefusedError
from msgspec import Struct

from ha_ingestor_store.influx.server.administration import MARKS, Place
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx_flux.literals import string, time

_ID = re.compile(r"[0-9a-f]{16}")

Ask = Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]


class FluxAdministrator:
    """`Administrator` of InfluxDB 2.x; `ask` answers Flux."""

    def __init__(self, server: Server, settings: InfluxSettings, ask: Ask) -> None:
        self._server = server
        self._org = settings.org
        # Writes and questions take an ID for a name, these requests don't.
        self._whose = {"orgID" if _ID.fullmatch(settings.org) else "org": settings.org}
        self._ask = ask
        self._buckets = {Place.EVENTS: settings.bucket, Place.ROLLUPS: settings.rollups_bucket}
        self._wanted_s = {Place.EVENTS: settings.raw_retention_s, Place.ROLLUPS: settings.rollup_retention_s}
        self._reads = {"Authorization": f"Token {settings.token}"}
        self._writes = {"Authorization": f"Token {settings.write_token or settings.token}"}

    async def has_organisation(self) -> bool | None:
        """See Administrator.has_organisation."""
        answer = await self._server.request(
            "GET", "/api/v2/buckets", params={**self._whose, "limit": "1"}, headers=self._reads
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            return False
        self._server.raise_for(answer, f"looking for organisation {self._org}")
        return True

    async def retentions(self) -> dict[Place, int]:
        """See Administrator.retentions."""
        found = {place: await self._bucket(name) for place, name in self._buckets.items()}
        return {place: sum(rule.everySeconds for rule in each.retentionRules) for place, each in found.items() if each}

    async def remark(self) -> str | None:
        """See Administrator.remark."""
        return None

    async def prepare(self) -> None:
        """See Administrator.prepare."""
        for place, name in self._buckets.items():
            if await self._bucket(name) is None:
                await self._create_bucket(name, self._wanted_s[place])

    async def try_to_read(self, place: Place) -> None:
        """See Administrator.try_to_read."""
        await self._ask(any_point(self._buckets[place]))

    async def holds_mark(self, place: Place, mark: str, time_ns: int) -> bool:
        """See Administrator.holds_mark."""
        return bool(await self._ask(marked(self._buckets[place], mark, time_ns)))

    async def delete_mark(self, place: Place, mark: str, time_ns: int) -> None:
        """See Administrator.delete_mark."""
        predicate = f'_measurement="{MARKS}" AND mark="{mark}"'
        body = msgspec.json.encode({"start": time(time_ns), "stop": time(time_ns), "predicate": predicate})
        params = {"org": self._org, "bucket": self._buckets[place]}
        answer = await self._server.request(
            "POST", "/api/v2/delete", params=params, headers=_json(self._writes), body=body
        )
        self._server.raise_for(answer, f"deleting from bucket {self._buckets[place]}")

    async def _bucket(self, name: str) -> _Bucket | None:
        params = {**self._whose, "name": name}
        # A token that may only write sees no bucket.
        answer = await self._server.request("GET", "/api/v2/buckets", params=params, headers=self._reads)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        self._server.raise_for(answer, f"looking for bucket {name}")
        return next(iter(msgspec.json.decode(answer.body, type=_Buckets).buckets), None)

    async def _create_bucket(self, name: str, retention_s: int) -> None:
        answer = await self._server.request("GET", "/api/v2/orgs", params=self._whose, headers=self._writes)
        self._server.raise_for(answer, f"looking for organisation {self._org}")
        orgs = msgspec.json.decode(answer.body, type=_Orgs).orgs
        if not orgs:  # one that is not there is answered by 404
            raise StoreRefusedError(
                f"{self._server.url}: the token may not create bucket {name}: it sees no organisation {self._org}"
            )
        rules = [{"type": "expire", "everySeconds": retention_s}] if retention_s else []
        body = msgspec.json.encode({"orgID": orgs[0].id, "name": name, "retentionRules": rules})
        answer = await self._server.request("POST", "/api/v2/buckets", headers=_json(self._writes), body=body)
        self._server.raise_for(answer, f"creating bucket {name}")


def any_point(bucket: str) -> str:
    """A question that reads next to nothing."""
    return f"from(bucket: {string(bucket)}) |> range(start: {time(0)}, stop: {time(1)}) |> limit(n: 1)"


def marked(bucket: str, mark: str, time_ns: int) -> str:
    """The point of a mark."""
    return (
        f"from(bucket: {string(bucket)}) |> range(start: {time(time_ns)}, stop: {time(time_ns + 1)})"
        f" |> filter(fn: (r) => r._measurement == {string(MARKS)} and r.mark == {string(mark)})"
    )


class _Org(Struct):
    id: str


class _Orgs(Struct):
    orgs: list[_Org] = []


class _Rule(Struct):
    everySeconds: int = 0  # noqa: N815


class _Bucket(Struct):
    name: str
    retentionRules: list[_Rule] = []  # noqa: N815


class _Buckets(Struct):
    buckets: list[_Bucket] = []


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Content-Type": "application/json"}
