"""Lines into a bucket, compressed or not, over connections that are kept, a few at once; bad ones found by halving."""

from __future__ import annotations

import asyncio
import copy
import gzip
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from http import HTTPStatus

from ha_ingestor_core.errors import StoreRefusedError, StoreUnavailableError, WritesRefusedError
from msgspec import Struct

from ha_ingestor_store.influx.server.http import Answer, Server
from ha_ingestor_store.influx.server.version import ServerCapabilities, WriteTarget
from ha_ingestor_store.influx.server.write_answers import (
    RefusalKey,
    Verdict,
    all_beyond_retention,
    judge,
    quoted,
    refusal_key,
    server_message,
)

LINES_PER_REQUEST = 5_000
BYTES_PER_REQUEST = 16 * 1024 * 1024
"""Before they are packed: lines of a mebibyte are allowed, and servers and proxies bound what they take."""
REQUESTS_UNDER_WAY = 2
_COMPRESSION = 1
_MOST_BYTES = 4
"""Of one character in UTF-8."""
_SMALL_LINE_BYTES = 64 * 1024
"""A line that every server takes: where one is too large, it is the limit that is wrong."""
_IN_THREAD_FROM = 100
"""Lines that are worth a thread."""


class RefusedLine(Struct, frozen=True):
    """A line that the server refused, by its index, with the server's reason."""

    index: int
    key: RefusalKey
    message: str


def never(index: int) -> bool:
    """Return False: a line that another may have replaced must not be written again."""
    return False


def always(index: int) -> bool:
    """Return True: the line is the same whenever it is written."""
    return True


class BatchWriter:
    """Writes lines; the answer says of every line whether it was written or refused.

    Raises StoreUnavailableError (try again), WritesRefusedError (the server refuses whatever it gets) and
    StoreRefusedError (a person must act): then some lines may have been written, which a repeat does no harm to.

    A refusal of an unknown form is tried on a line that was accepted before. Where there is none yet, nothing can be
    said about the lines, and they wait; every process writes service_metrics, which may be written again at any time.
    """

    def __init__(
        self,
        server: Server,
        capabilities: ServerCapabilities,
        *,
        timeout_s: float,
        packs: bool = True,
    ) -> None:
        self._server = server
        self._answers = capabilities.write_answers
        self._max_text_bytes = capabilities.max_text_bytes
        self._timeout_s = timeout_s
        self._packs = packs
        self._remaining_s: Callable[[], float] | None = None
        self._accepted: dict[str, str] = {}

    def within(self, remaining_s: Callable[[], float]) -> BatchWriter:
        """Return a writer that knows the same accepted lines, and whose requests last no longer than is left.

        `remaining_s` returns for how long a request may run that begins now, and raises if none may.
        """
        bounded = copy.copy(self)
        bounded._remaining_s = remaining_s
        return bounded

    async def write(
        self, target: WriteTarget, lines: Sequence[str], *, may_repeat: Callable[[int], bool] = never
    ) -> list[RefusedLine]:
        """Write all lines but those that the server refuses, which are returned.

        `may_repeat` says of a line, by its index, whether it may be written again later, as a probe.
        """
        return await self.write_slices(target, _slices(lines), may_repeat=may_repeat)

    async def write_slices(
        self,
        target: WriteTarget,
        slices: AsyncIterable[Sequence[str]],
        *,
        may_repeat: Callable[[int], bool] = never,
    ) -> list[RefusedLine]:
        """The same with the lines in slices, a request each, more where that would be too long.

        The next is made while the server works on the last.
        When one fails the others under way are waited for: what is cut off may arrive later.
        """
        tasks: list[asyncio.Task[list[RefusedLine]]] = []
        start = 0
        try:
            async for many in slices:
                for lines in _bounded(many, self._max_text_bytes):
                    tasks.append(asyncio.create_task(self._write(target, lines, start, may_repeat)))
                    start += len(lines)
                    await asyncio.sleep(0)  # so that it begins before the next is made
                    if len(tasks) >= REQUESTS_UNDER_WAY:
                        await tasks[-REQUESTS_UNDER_WAY]
            return [line for task in tasks for line in await task]
        except BaseException as err:
            if not isinstance(err, Exception):
                for task in tasks:
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _write(
        self,
        target: WriteTarget,
        lines: Sequence[str],
        start: int,
        may_repeat: Callable[[int], bool],
        *,
        is_part: bool = False,
        is_repeat: bool = False,
    ) -> list[RefusedLine]:
        """One request, whose first line has the index `start`; halved where some of its lines are bad."""
        answer = await self._send(target, lines)
        message = server_message(answer.body)
        verdict = judge(self._answers, answer.status, message)
        if verdict is Verdict.WRITTEN:
            self._remember(target, lines, start, may_repeat)
            return []
        is_alone = len(lines) == 1
        if verdict is Verdict.TOO_LARGE and is_alone and len(lines[0].encode()) <= _SMALL_LINE_BYTES:
            verdict = Verdict.SERVER_LIMIT
        if verdict not in (Verdict.BAD_LINES, Verdict.TOO_LARGE, Verdict.UNKNOWN):
            raise self._failure(verdict, answer, target, message)
        # At the end once more: the server may have begun to refuse everything in the midst of the halving.
        is_doubtful = verdict is Verdict.UNKNOWN or (verdict is Verdict.TOO_LARGE and is_alone)
        if is_doubtful and (is_alone or not is_part) and not await self._accepts_lines(target):
            raise self._failure(verdict, answer, target, message)
        if verdict is Verdict.UNKNOWN and is_alone and not is_repeat:
            # The server may have begun to accept again between the line and the probe.
            return await self._write(target, lines, start, may_repeat, is_part=is_part, is_repeat=True)
        key = RefusalKey.TOO_LARGE if verdict is Verdict.TOO_LARGE else refusal_key(message)
        if is_alone or all_beyond_retention(message, len(lines)):
            return [RefusedLine(index, key, quoted(message)) for index in range(start, start + len(lines))]
        middle = len(lines) // 2
        return [
            *await self._write(target, lines[:middle], start, may_repeat, is_part=True),
            *await self._write(target, lines[middle:], start + middle, may_repeat, is_part=True),
        ]

    def _remember(
        self, target: WriteTarget, lines: Sequence[str], start: int, may_repeat: Callable[[int], bool]
    ) -> None:
        newest = next((at for at in reversed(range(len(lines))) if may_repeat(start + at)), None)
        if newest is not None:
            self._accepted[target.name] = lines[newest]

    async def _accepts_lines(self, target: WriteTarget) -> bool:
        """Whether the server takes, or at least judges, a line that it has accepted before."""
        line = self._accepted.get(target.name)
        if line is None:
            return False
        answer = await self._send(target, [line])
        return judge(self._answers, answer.status, server_message(answer.body)) in (Verdict.WRITTEN, Verdict.BAD_LINES)

    def _failure(
        self, verdict: Verdict, answer: Answer, target: WriteTarget, message: str
    ) -> StoreRefusedError | StoreUnavailableError:
        reason = quoted(message)
        if verdict is Verdict.NEEDS_A_PERSON:
            return StoreRefusedError(_advice(answer.status, target, reason), status=answer.status, bucket=target.name)
        said = f"{self._server.url} answered {answer.status} to a write: {reason}"
        if verdict is Verdict.TRY_AGAIN:
            return StoreUnavailableError(said, retry_after_s=answer.retry_after_s, status=answer.status)
        return WritesRefusedError(
            f"{said.rstrip('.')}. No event is at fault: all wait until writes to {target.name} are accepted again",
            retry_after_s=answer.retry_after_s,
            status=answer.status,
        )

    async def _send(self, target: WriteTarget, lines: Sequence[str]) -> Answer:
        headers = {**target.headers, "Content-Type": "text/plain; charset=utf-8"}
        if not self._packs:
            body = _body(lines)
        else:
            headers["Content-Encoding"] = "gzip"
            body = await asyncio.to_thread(_packed, lines) if len(lines) >= _IN_THREAD_FROM else _packed(lines)
        timeout_s = self._timeout_s if self._remaining_s is None else min(self._timeout_s, self._remaining_s())
        return await self._server.request(
            "POST", target.path, params=target.params, headers=headers, body=body, timeout_s=timeout_s
        )


async def _slices(lines: Sequence[str]) -> AsyncIterator[Sequence[str]]:
    for start in range(0, len(lines), LINES_PER_REQUEST):
        yield lines[start : start + LINES_PER_REQUEST]


def _bounded(lines: Sequence[str], max_text_bytes: int) -> Iterator[Sequence[str]]:
    """Yield the lines in requests that are not too long.

    A line that may hold a longer text than the server accepts goes alone, so that no other is searched with it.
    """
    longest = max(map(len, lines), default=0)
    if longest * _MOST_BYTES <= max_text_bytes and _MOST_BYTES * sum(map(len, lines)) + len(lines) <= BYTES_PER_REQUEST:
        yield lines
        return
    start = size = 0
    is_alone = False
    for at, line in enumerate(lines):
        added = len(line.encode()) + 1
        was_alone, is_alone = is_alone, added > max_text_bytes
        if at > start and (was_alone or is_alone or size + added > BYTES_PER_REQUEST):
            yield lines[start:at]
            start, size = at, 0
        size += added
    yield lines[start:]


def _body(lines: Sequence[str]) -> bytes:
    return b"\n".join([line.encode() for line in lines])  # one letter beyond Latin-1 would double all of a joined text


def _packed(lines: Sequence[str]) -> bytes:
    return gzip.compress(_body(lines), _COMPRESSION)


def _advice(status: int, target: WriteTarget, message: str) -> str:
    match status:
        case HTTPStatus.NOT_FOUND | HTTPStatus.INTERNAL_SERVER_ERROR:
            advice = f"{target.name} does not exist; `ha-ingestor doctor` creates it where the token allows that"
        case HTTPStatus.UNAUTHORIZED:
            advice = "INFLUXDB_WRITE_TOKEN (or INFLUXDB_TOKEN) must be a token of this server"
        case _:
            advice = f"the token may not write to {target.name}"
    return f"InfluxDB answered {status} to a write: {advice} ({message})"
