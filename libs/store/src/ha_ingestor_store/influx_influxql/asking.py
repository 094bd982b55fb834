"""InfluxQL asked over HTTP, its answers read into rows: the same on every version that has `/query`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from ha_ingestor_core.errors import StoreUnavailableError
from msgspec import Struct

from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.write_answers import server_message
from ha_ingestor_store.influx_influxql.errors import error_of
from ha_ingestor_store.influx_influxql.queries import Question

_LONGEST_ADDRESS = 6_000
"""Servers and proxies take addresses of about 8 kB; a longer question goes as a form."""


class Row(NamedTuple):
    """One row of one statement."""

    statement: int
    tags: dict[str, str]
    time_ns: int
    values: dict[str, Any]


class Ask(Protocol):
    """Answers a question; raises StoreUnavailableError and StoreRefusedError."""

    async def __call__(self, question: Question, *, writes: bool = False) -> list[Row]:
        """Its rows; with the token that writes where it `writes`."""
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
        """See Ask."""
        fields = {**self._place, "epoch": "ns", "q": question.text}
        if question.params:
            fields["params"] = msgspec.json.encode(question.params).decode()
        as_form = writes or sum(map(len, fields.values())) > _LONGEST_ADDRESS
        headers = self._write_headers if writes else self._headers
        answer = await self._server.query("POST" if as_form else "GET", "/query", fields, headers)
        try:
            told = _decoder.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as err:
            message = server_message(answer.body)
            raise error_of(self._server.url, answer.status, message, answer.retry_after_s) from err
        failure = told.error or next((result.error for result in told.results if result.error), None)
        if failure:
            raise error_of(self._server.url, answer.status, failure, answer.retry_after_s)
        if any(result.partial or series.partial for result in told.results for series in result.series):
            raise StoreUnavailableError(f"{self._server.url} answered in part only: raise its max-row-limit")
        return list(_rows(told))


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


def _rows(told: _Answer) -> Iterator[Row]:
    for result in told.results:
        for series in result.series:
            columns = series.columns
            timed = bool(columns) and columns[0] == "time"
            for values in series.values:
                found = dict(zip(columns, values, strict=True))
                yield Row(result.statement_id, series.tags, found.pop("time") if timed else 0, found)
