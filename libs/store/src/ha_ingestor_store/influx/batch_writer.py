"""Lines into a bucket: compressed, over a connection that is kept; bad lines are found by halving."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from http import HTTPStatus

from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError
from msgspec import Struct

from ha_ingestor_store.influx.server import Answer, Server
from ha_ingestor_store.influx.write_answers import (
    RefusalKey,
    Verdict,
    WriteAnswers,
    all_beyond_retention,
    judge,
    refusal_key,
    server_message,
)

LINES_PER_REQUEST = 5_000
_COMPRESSION = 1
_IN_THREAD_FROM = 64 * 1024


class WriteTarget(Struct, frozen=True):
    """Where lines go, and what they are allowed by."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    name: str


class RefusedLine(Struct, frozen=True):
    """A line that the server refused, by its index, with the server's reason."""

    index: int
    key: RefusalKey
    message: str


class BatchWriter:
    """Writes lines; the answer says of every line whether it was written or refused.

    Raises StoreUnavailableError (try again) and StoreRefusedError (a person must act): then some lines may have been
    written, which a repeat does no harm to.
    """

    def __init__(self, server: Server, answers: WriteAnswers, *, timeout_s: float) -> None:
        self._server = server
        self._answers = answers
        self._timeout_s = timeout_s

    async def write(self, target: WriteTarget, lines: Sequence[str]) -> list[RefusedLine]:
        """Write all lines but those that the server refuses, which are returned."""
        refused: list[RefusedLine] = []
        for start in range(0, len(lines), LINES_PER_REQUEST):
            refused += await self._write(target, lines, start, min(start + LINES_PER_REQUEST, len(lines)))
        return refused

    async def _write(self, target: WriteTarget, lines: Sequence[str], start: int, end: int) -> list[RefusedLine]:
        answer = await self._send(target, lines[start:end])
        message = server_message(answer.body)
        verdict = judge(self._answers, answer.status, message)
        if verdict is Verdict.WRITTEN:
            return []
        if verdict is Verdict.NEEDS_A_PERSON:
            raise StoreRefusedError(_advice(answer.status, target, message), status=answer.status, bucket=target.name)
        if verdict is Verdict.TRY_AGAIN:
            raise StoreUnavailableError(
                f"{self._server.url} answered {answer.status} to a write: {message}",
                retry_after_s=answer.retry_after_s,
                status=answer.status,
            )
        key = RefusalKey.TOO_LARGE if verdict is Verdict.TOO_LARGE else refusal_key(message)
        if end - start == 1 or all_beyond_retention(message, end - start):
            return [RefusedLine(index, key, message) for index in range(start, end)]
        middle = (start + end) // 2
        return [
            *await self._write(target, lines, start, middle),
            *await self._write(target, lines, middle, end),
        ]

    async def _send(self, target: WriteTarget, lines: Sequence[str]) -> Answer:
        body = "\n".join(lines).encode()
        if len(body) < _IN_THREAD_FROM:
            packed = gzip.compress(body, _COMPRESSION)
        else:
            packed = await asyncio.to_thread(gzip.compress, body, _COMPRESSION)
        headers = {**target.headers, "Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        return await self._server.request(
            "POST", target.path, params=target.params, headers=headers, body=packed, timeout_s=self._timeout_s
        )


def _advice(status: int, target: WriteTarget, message: str) -> str:
    match status:
        case HTTPStatus.NOT_FOUND | HTTPStatus.INTERNAL_SERVER_ERROR:
            advice = f"{target.name} does not exist; `ha-ingestor doctor` creates it where the token allows that"
        case HTTPStatus.UNAUTHORIZED:
            advice = "INFLUXDB_WRITE_TOKEN (or INFLUXDB_TOKEN) should be a token of this server"
        case _:
            advice = f"the token may not write to {target.name}"
    return f"InfluxDB answered {status} to a write: {advice} ({message})"
