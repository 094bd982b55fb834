"""The gate and the router match every request alike: no spelling of a path reaches a route with a lower scope."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from admin_api.security.matched_route import MatchedRoutes
from admin_api.security.scopes import OPEN, Scope, required_scope
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

SPELLINGS = [
    "{}%0A", "{}%0D%0A", "{}%00", "{}%0a%0a", "{}/", "{}//", "/{}", "//{}", "{}%2F", "{}%252F", "{}%250A", "{}%20",
    "{}.", "{}/.", "{}/..", "{};", "{}%3F", "{}%23", "/.{}", "/x/..{}", "/%2e%2e{}", "{}%E2%80%A8", "{}%C2%85",
]  # fmt: skip
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "BREW")


def paths_of(app: FastAPI) -> list[str]:
    found = sorted({route.path_format or "" for route in iter_route_contexts(app.routes)})
    assert len(found) > 25
    return [re.sub(r"\{\w+\}", "some", path) for path in found]


def spelled(path: str) -> set[str]:
    words = {spelling.format(path) for spelling in SPELLINGS} | {path, path.upper(), path.replace("/", "//")}
    head, _, tail = path.rpartition("/")
    return words | {path.replace("/", "%2F"), f"{head}/%{ord(tail[0]):02x}{tail[1:]}"}


async def test_no_spelling_of_a_path_lets_a_stranger_in(asker: Any, open_app: Any) -> None:
    ask = asker(open_app, client="192.0.2.7")
    for path in paths_of(open_app):
        for spelling in spelled(path):
            for method in ("GET", "HEAD", "POST", "DELETE"):
                status = (await ask(spelling, method)).status
                is_open = (("GET" if method == "HEAD" else method), unquote(spelling)) in OPEN
                assert status in (400, 401, 404, 405, 429) or is_open, (method, spelling, status)


@pytest.fixture
def make_guard(make_guard: Callable[..., Any]) -> Callable[..., Any]:
    """Without a rate limit, since thousands of requests come from one address."""
    return lambda listens_on="127.0.0.1": make_guard(listens_on, rate_limit=0.0)


async def test_no_spelling_gives_a_read_token_more_than_reading(asking: Callable[[Scope], Any], open_app: Any) -> None:
    ask = asking(Scope.READ)
    guarded = [p for p in paths_of(open_app) if required_scope("GET", p) is Scope.ADMIN]
    assert len(guarded) >= 4
    for path in guarded:
        for spelling in spelled(path):
            answer = await ask(unquote(spelling))
            assert answer.status in (400, 403, 404, 405), (spelling, answer.status)
            assert b"ADMIN_API_PORT" not in answer.body


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/config", "/", "/assets/index.js", "/api/v1/health/live"])
@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x7f", "\x85", "\u2028"])
async def test_a_control_character_in_a_path_is_refused(asker: Any, local_app: Any, path: str, character: str) -> None:
    for target in (path + character, character + path, path.replace("/", f"/{character}", 1)):
        answer = await asker(local_app)(target)
        assert (answer.status, answer.key) == (400, "invalid_path")


def test_every_route_is_found_with_every_method_as_the_router_finds_it(app: FastAPI) -> None:
    routes = MatchedRoutes(app.routes)
    for context in iter_route_contexts(app.routes):
        path = re.sub(r"\{\w+\}", "some", context.path_format or "")
        for method in METHODS:
            assert routes.find(method, path) == context.path_format
            assert routes.find(method, path + "\n") == context.path_format  # the difference: Starlette's own match
            # An entity id may contain slashes, also at its end, and an empty one gets an error that names it.
            behind = "/api/v1/entities/{entity_id}" if path.startswith("/api/v1/entities") else None
            assert routes.find(method, f"{path}/") == behind


@pytest.mark.parametrize("path", ["/", "/assets/index.js", "//api/v1/stats", "/api/v2/stats", "/api", "/API/v1/stats"])
def test_a_path_of_no_route_is_none(app: FastAPI, path: str) -> None:
    assert MatchedRoutes(app.routes).find("GET", path) is None


async def test_a_route_outside_of_the_api_is_closed_too(asker: Any, open_app: FastAPI) -> None:
    router = APIRouter()

    async def answer() -> str:
        return "secret"

    router.add_api_route("/elsewhere", answer)
    open_app.include_router(router)
    assert (await asker(open_app)("/elsewhere")).status == 401
    assert (await asker(open_app)("/elsewhere", "POST")).status == 401


async def test_a_page_of_another_origin_is_refused_on_every_route(asker: Any, local_app: Any) -> None:
    for path in paths_of(local_app):
        answer = await asker(local_app, origin="https://evil.example")(path)
        assert (answer.status, answer.key) == (403, "foreign_origin"), path
