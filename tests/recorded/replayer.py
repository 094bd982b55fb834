"""Answers from a recording: a request that was not recorded to the letter, or was but never came, fails the test.

Requests may come at once, so they are found by their content; equal ones are answered in their recorded order.
"""

from __future__ import annotations

import difflib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from aiohttp import web

from tests.recorded.exchanges import Exchange, Request, Response, difference, read_request
from tests.recorded.loopback import serving

ADVICE = "Where the change is meant: `make record` tells the scenario to a real server again."
_MOST_SHOWN = 3


class Replayer:
    """The exchanges that are still to come, and what came instead."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._waiting: dict[bytes, deque[Exchange]] = defaultdict(deque)
        for exchange in exchanges:
            self._waiting[exchange.request.key].append(exchange)
        self._recorded = [exchange.request for exchange in exchanges]
        self.unexpected: list[Request] = []

    def answer(self, asked: Request) -> Response:
        """The recorded answer; a request that has none is kept, and refused."""
        waiting = self._waiting.get(asked.key)
        if waiting:
            return waiting.popleft().response
        self.unexpected.append(asked)
        return Response(HTTPStatus.INTERNAL_SERVER_ERROR, {}, "this was not recorded")

    def never_asked(self) -> list[Request]:
        """What was recorded and did not come."""
        return [exchange.request for waiting in self._waiting.values() for exchange in waiting]

    def complaint(self) -> str | None:
        """What differs from the recording, to be read by a person; None where nothing does."""
        if self.unexpected:  # whatever came after the first follows from it
            asked = self.unexpected[0]
            if any(request.key == asked.key for request in self._recorded):
                story = "\n".join([*asked.lines(), "", "was asked more often than it is recorded."])
            else:
                story = difference(self._closest(asked), asked) if self._recorded else "\n".join(asked.lines())
            return f"A request is not in the recording.\n\n{story}\n\n{ADVICE}"
        missing = self.never_asked()
        if missing:
            shown = ["\n".join(request.lines()) for request in missing[:_MOST_SHOWN]]
            return "\n\n".join([f"{len(missing)} recorded requests were never asked, among them:", *shown, ADVICE])
        return None

    def _closest(self, asked: Request) -> Request:
        """The recorded request with the most lines in common, of those to the same address where there are any."""
        missing = self.never_asked()
        for candidates in (missing, self._recorded):
            same = [each for each in candidates if (each.method, each.path) == (asked.method, asked.path)]
            if same:
                return max(same, key=lambda each: _likeness(each.lines(), asked.lines()))
        return self._recorded[0]


@asynccontextmanager
async def replaying(exchanges: Iterable[Exchange]) -> AsyncIterator[str]:
    """The address of a server that answers from a recording; at the end every exchange must have taken place."""
    replayer = Replayer(list(exchanges))

    async def answer(request: web.Request) -> Response:
        return replayer.answer((await read_request(request))[0])

    async with serving(answer) as url:
        try:
            yield url
        except Exception:
            if not replayer.unexpected:  # the answers were as recorded: they are read wrongly
                raise
    complaint = replayer.complaint()
    if complaint:
        raise pytest.fail.Exception(complaint, pytrace=False) from None  # what the refusal led to is no news


def _likeness(one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return (matcher.ratio(), difflib.SequenceMatcher(None, "\n".join(one), "\n".join(other)).quick_ratio())
