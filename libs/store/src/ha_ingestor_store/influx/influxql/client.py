"""InfluxQL asked over HTTP, its answers read into rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

import msgspec
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError
from msgspec import Struct

from ha_ingestor_store.influx.influxql.errors import error_of
from ha_ingestor_store.influx.influxql.statements import Question
from ha_ingestor_store.influx.server.http import Answer, Server
from ha_ingestor_store.influx.server.write_answers import server_message

_LONGEST_ADDRESS = 6_000
"""Servers and proxies take addresses of about 8 kB; a longer question goes as a form."""
_ROWS_A_CHUNK = 5_000


class Row(NamedTuple):
    """One row of one statement, which is numbered from 0."""

    statement: int
    tags: dict[str, str]
    time_ns: int
    values: dict[str, Any]


class Ask(Protocol):
    """Answers a question; raises StoreUnavailableError and StoreRefusedError."""

    async def __call__(self, question: Question, *, writes: bool = False) -> list[Row]:
        """Return its rows; with the token that writes where it `writes`."""
        ...


class InfluxQl:
    """`Ask` of one place: a database, and a retention policy where it is not the default one."""

    def __init__(
        self, server: Server, place: Mapping[str, str], *, headers: Mapping[str, str], write_headers: Mapping[str, str]
    ) -> None:
        self._server = server
        self._place = place
        self._headers = headers
        self._write_headers = write_headers

    async def __call__(self, question: Question, *, writes: bool = False) -> list[Row]:
        """Return the rows of all statements; no request is made for none.

        A server stops at the first statement that it can't execute, and may drop the rest without a word: then each is
        asked alone, which gives the rows, or the reason.
        """
        if not question.statements:
            return []
        answer = await self._request(question, writes=writes)
        results = self._results(answer)
        if any(result.partial or series.partial for result in results for series in result.series):
            raise StoreUnavailableError(f"{self._server.url} answered in part only. Raise its max-row-limit")
        answered = {result.statement_id for result in results if not result.error}
        count = len(question.statements)
        if len(answered) == count:
            return [row for result in results for row in _rows(result)]
        if count == 1:
            raise self._error(answer, next((result.error for result in results if result.error), "no result"))
        rows: list[Row] = []
        for number, statement in enumerate(question.statements):
            alone = await self(Question((statement,), question.params), writes=writes)
            rows += (row._replace(statement=number) for row in alone)
        return rows

    async def stream(self, question: Question) -> AsyncIterator[list[Row]]:
        """Yield the rows of one statement in chunks, as the server sends them."""
        fields = {**self._fields(question), "chunked": "true", "chunk_size": str(_ROWS_A_CHUNK)}
        is_whole = False
        async for answer in self._server.lines("/query", fields, self._headers):
            results = self._results(answer)
            if failure := next((result.error for result in results if result.error), None):
                raise self._error(answer, failure)
            is_whole = not any(result.partial for result in results)
            yield [row for result in results for row in _rows(result)]
        if not is_whole:
            raise StoreUnavailableError(f"{self._server.url} broke off its answer")

    async def _request(self, question: Question, *, writes: bool) -> Answer:
        fields = self._fields(question)
        as_form = writes or sum(map(len, fields.values())) > _LONGEST_ADDRESS
        headers = self._write_headers if writes else self._headers
        return await self._server.query("POST" if as_form else "GET", "/query", fields, headers)

    def _fields(self, question: Question) -> dict[str, str]:
        fields = {**self._place, "epoch": "ns", "q": question.text}
        if question.params:
            fields["params"] = msgspec.json.encode(question.params).decode()
        return fields

    def _results(self, answer: Answer) -> list[_Result]:
        """Return the results of an answer; raises where it is none."""
        try:
            found = _decoder.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as err:
            raise self._error(answer, server_message(answer.body)) from err
        if found.error or answer.status >= HTTPStatus.BAD_REQUEST:
            raise self._error(answer, found.error or server_message(answer.body))
        return found.results

    def _error(self, answer: Answer, message: str) -> IngestorError:
        return error_of(self._server.url, answer.status, message, answer.retry_after_s)


class _Series(Struct):
    columns: list[str]
    values: list[list[Any]] = []
    tags: dict[str, str] = {}
    partial: bool = False


class _Result(Struct):
    statement_id: int = 0
    series: list[_Series] = []
    error: str | None = None
    partial: bool = False


class _Answer(Struct):
    results: list[_Result] = []
    error: str | None = None


_decoder = msgspec.json.Decoder(_Answer)


def _rows(result: _Result) -> Iterator[Row]:
    for series in result.series:
        columns = series.columns
        timed = bool(columns) and columns[0] == "time"
        for values in series.values:
            found = dict(zip(columns, values, strict=True))
            yield Row(result.statement_id, series.tags, found.pop("time") if timed else 0, found)
