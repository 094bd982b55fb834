"""A version of InfluxDB as the store uses it: what it can do, where lines go, and its administration."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from ha_ingestor_core.errors import StoreRefusedError
from msgspec import Struct

from ha_ingestor_store.influx.influxql.client import InfluxQl
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.write_answers import Verdict, WriteAnswers, judge, quoted, server_message

_NOTHING = b"# ha-ingestor doctor\n"
"""A comment: tried on 1.6.7 and 2.7.12, a server answers it as it would a point, and keeps nothing of it."""


class Place(StrEnum):
    """Where points are kept: a bucket, a database's default retention policy, or a policy of its own."""

    EVENTS = "events"
    ROLLUPS = "rollups"


class WriteTarget(Struct, frozen=True):
    """Where lines go, and what they are allowed by."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    name: str


class Limit(Struct, frozen=True):
    """A limit of the server that ends in refused writes, and how much of it is used."""

    setting: str
    what: str
    most: int
    used: int


class ServerCapabilities(Struct, frozen=True):
    """What a version can do, as data."""

    write_answers: WriteAnswers
    has_retention_policies: bool
    """The rollups are in a retention policy of the database of the events; else in a bucket of their own."""
    can_delete: bool
    max_text_bytes: int
    """The longest text of a field."""


class ServerVersion(Protocol):
    """One version. All methods raise StoreUnavailableError (try again) and StoreRefusedError (a person must act)."""

    @property
    def capabilities(self) -> ServerCapabilities:
        """What it can do."""
        ...

    @property
    def influxql(self) -> InfluxQl:
        """InfluxQL asked of the place of the events."""
        ...

    def prefix(self, place: Place) -> str:
        """Return what precedes a measurement of this place in InfluxQL; nothing for that of the events."""
        ...

    def write_target(self, *, rollups: bool) -> WriteTarget:
        """Return where lines of raw points, or of rollups, go."""
        ...

    async def settle(self) -> None:
        """Find out where the events are, once."""
        ...

    async def delete(self, place: Place, measurement: str, tags: Mapping[str, str], time_ns: int) -> None:
        """Delete one point, whose tags are given as they are kept."""
        ...

    async def has_organisation(self) -> bool | None:
        """Whether the organisation exists; None where the version has none."""
        ...

    async def retentions(self) -> dict[Place, int]:
        """Return how many seconds each place keeps points (0: for ever), without places that are missing or hidden."""
        ...

    async def remark(self) -> str | None:
        """Return what a person should know about the places; None where there is nothing."""
        ...

    async def limits(self) -> list[Limit]:
        """Return the limits that the server is configured with; none where it has none."""
        ...

    async def prepare(self) -> None:
        """Create the places that are missing, where the token allows it; existing ones are not changed."""
        ...


class Access(StrEnum):
    """What a write to a place would meet."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105
    NO_SUCH_PLACE = "no_such_place"


class WriteAccess(Struct, frozen=True):
    """Whether lines would be accepted, and the server's reason."""

    access: Access
    message: str


async def write_access(server: Server, target: WriteTarget, answers: WriteAnswers) -> WriteAccess:
    """Return what a write would meet; nothing is written. Raises StoreUnavailableError."""
    answer = await server.request("POST", target.path, params=target.params, headers=target.headers, body=_NOTHING)
    message = server_message(answer.body)
    verdict = judge(answers, answer.status, message)
    if verdict is Verdict.WRITTEN:
        return WriteAccess(Access.ALLOWED, message)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return WriteAccess(Access.UNKNOWN_TOKEN, message)
    if answer.status == HTTPStatus.FORBIDDEN:
        return WriteAccess(Access.FORBIDDEN, message)
    if verdict is Verdict.NEEDS_A_PERSON:
        return WriteAccess(Access.NO_SUCH_PLACE, message)
    server.raise_for(answer, f"writing to {target.name}")
    raise StoreRefusedError(f"{target.name}: {answer.status} {quoted(message)}")
