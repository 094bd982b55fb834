"""Kept answers over HTTP: the bytes as they are, a tag, and 304 for who has them already."""

from __future__ import annotations

from typing import NamedTuple

from ha_ingestor_core.errors import InvalidInputError, NotFoundError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from admin_api.security.caller import client_of, header_of
from admin_api.stats.answers import StatsAnswers
from admin_api.stats.cache import Answer
from admin_api.stats.questions import Question

SOURCE_HEADER = "Stats-Source"
_MOST_UNDERSTOOD = 1_024
_LONGEST_UNDERSTOOD = 2_048
"""Bytes of a query string; `?&&&&…` is one, too."""


class AnswerResponse(Response):
    """The answer, or 304 where the caller's If-None-Match names it. A cache asks again each time: `no-cache`."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer
        headers = [
            (b"etag", answer.etag.encode()),
            (b"cache-control", b"private, no-cache"),
            (SOURCE_HEADER.lower().encode(), answer.source.value.encode()),
        ]
        if _names(header_of(scope, b"if-none-match"), answer.etag):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


class _Understood(NamedTuple):
    question: Question
    route: object


class UnderstoodRequests:
    """Which question a path and its query string are: what was understood once need not be parsed and checked again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], _Understood] = {}

    def find(self, scope: Scope) -> _Understood | None:
        """The question of a request that came before in the same words."""
        return self._known.get((scope["path"], scope["query_string"]))

    def learn(self, scope: Scope, question: Question) -> None:
        """Remember what a request asks for; the oldest is forgotten where there are too many."""
        if len(scope["query_string"]) > _LONGEST_UNDERSTOOD:
            return
        if len(self._known) >= _MOST_UNDERSTOOD:
            del self._known[next(iter(self._known))]
        self._known[scope["path"], scope["query_string"]] = _Understood(question, scope["route"])


class KnownQuestions:
    """Answers a question that was understood before without parsing it again: that costs ten times what sending does.

    Where only answers that are fresh took this way, all who come in the moment in which one ceases to be, and they are
    hundreds, would be parsed one after the other, and all others wait behind them. It stands behind whatever decides
    who may ask.
    """

    def __init__(self, app: ASGIApp, *, answers: StatsAnswers, understood: UnderstoodRequests) -> None:
        self._app = app
        self._answers = answers
        self._understood = understood

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._understood.find(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if known is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = known.route  # by which requests are counted
        try:
            answer = await self._answers.answer(known.question, client_of(scope))
        except (InvalidInputError, NotFoundError):  # it ceased to be a question: the route answers that as an error
            await self._app(scope, receive, send)
            return
        await AnswerResponse(answer)(scope, receive, send)


def _names(if_none_match: str, etag: str) -> bool:
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags
