"""What a person asks of an InfluxDB beyond points and questions: what is there, for how long, and who may do what."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from ha_ingestor_core.errors import StoreRefusedError
from msgspec import Struct

from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.write_answers import Verdict, WriteAnswers, judge, quoted, server_message
from ha_ingestor_store.influx.writing.batch_writer import WriteTarget
from ha_ingestor_store.influx.writing.line_protocol import series_text

MARKS = "doctor_check"
"""The measurement of points that are written, read back and deleted again."""

_NOTHING = b"# ha-ingestor doctor\n"
"""A comment: tried on 1.6.7 and 2.7.12, a server answers it as it would a point, and keeps nothing of it."""


class Place(StrEnum):
    """Where points are kept: a bucket, a database's default retention policy, or a policy of its own."""

    EVENTS = "events"
    ROLLUPS = "rollups"


class Access(StrEnum):
    """What a write to a place would meet."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105
    NO_SUCH_PLACE = "no_such_place"


class WriteAccess(Struct, frozen=True):
    """Whether lines would be taken, and the server's word for it."""

    access: Access
    message: str


class Administrator(Protocol):
    """The administration half of a dialect. All raise StoreUnavailableError and StoreRefusedError."""

    async def has_organisation(self) -> bool | None:
        """Whether the organisation is there; None where the version has none."""
        ...

    async def retentions(self) -> dict[Place, int]:
        """Seconds that each place keeps points (0: for ever); one that is missing, or hidden from the token, is not."""
        ...

    async def remark(self) -> str | None:
        """Return what a person should know about the places; None where there is nothing."""
        ...

    async def prepare(self) -> None:
        """Create the places that are missing, where the token allows it; those that are there stay as they are."""
        ...

    async def try_to_read(self, place: Place) -> None:
        """Return when a query of this place is answered."""
        ...

    async def holds_mark(self, place: Place, mark: str, time_ns: int) -> bool:
        """Whether a point of MARKS with the tag `mark` is there."""
        ...

    async def delete_mark(self, place: Place, mark: str, time_ns: int) -> None:
        """Delete it."""
        ...


async def write_access(server: Server, target: WriteTarget, answers: WriteAnswers) -> WriteAccess:
    """What a write would meet, found out without a trace; raises StoreUnavailableError."""
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


def mark_line(mark: str, time_ns: int) -> bytes:
    """The line of a mark."""
    return f"{series_text(MARKS, {'mark': mark})} value=1.0 {time_ns}".encode()
