"""Cached answers over HTTP: the cached bytes with an ETag, or 304."""

from __future__ import annotations

from typing import NamedTuple

from ha_ingestor_core.errors import InvalidInputError, NotFoundError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from admin_api.security.caller import client_of, header_of
from admin_api.stats.answers import StatsAnswers
from admin_api.stats.cache import Answer
from admin_api.stats.questions.question import Question

SOURCE_HEADER = "Stats-Source"
_MOST_UNDERSTOOD = 1_024
_LONGEST_UNDERSTOOD = 2_048
"""Longer query strings are not cached, in bytes; bounds the memory."""


class AnswerResponse(Response):
    """The answer, or 304 if it matches If-None-Match. Clients must revalidate: `no-cache`."""

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
    """The parsed questions of earlier requests, by path and query string, which are not parsed again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], _Understood] = {}

    def find(self, scope: Scope) -> _Understood | None:
        """Return the question of an earlier request with the same path and query string; None if unknown."""
        return self._known.get((scope["path"], scope["query_string"]))

    def learn(self, scope: Scope, question: Question) -> None:
        """Store the question of a request; the oldest is dropped when the cache is full."""
        if len(scope["query_string"]) > _LONGEST_UNDERSTOOD:
            return
        if len(self._known) >= _MOST_UNDERSTOOD:
            del self._known[next(iter(self._known))]
        self._known[scope["path"], scope["query_string"]] = _Understood(question, scope["route"])


class KnownQuestions:
    """Middleware that answers known questions without parsing the request, which takes ten times as long as sending.

    Applies to stale answers too: otherwise hundreds of concurrent requests would be parsed whenever an answer expires,
    and delay all others. Must run behind the access check.
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
        scope["route"] = known.route  # for the request metrics
        try:
            answer = await self._answers.answer(known.question, client_of(scope))
        except (InvalidInputError, NotFoundError):  # no longer valid: the route returns the error
            await self._app(scope, receive, send)
            return
        await AnswerResponse(answer)(scope, receive, send)


def _names(if_none_match: str, etag: str) -> bool:
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags
