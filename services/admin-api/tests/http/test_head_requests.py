"""HEAD is GET without the body."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from admin_api.security.scopes import Scope
from admin_api.stream.broadcaster import Stream
from fastapi import FastAPI


def paths(app: FastAPI) -> list[str]:
    """Every path of the API with GET and without parameters."""
    return [path for path, methods in app.openapi()["paths"].items() if "get" in methods and "{" not in path]


async def test_every_get_has_a_head(app: FastAPI, get: Any, stream: Stream) -> None:
    await stream.start()
    for path in [*paths(app), "/metrics", "/api/v1/openapi.json", "/api/v1/runbooks/lag"]:
        async with asyncio.timeout(5):
            head = await get(path, method="HEAD")
        assert (head.status, head.body) == (200, b""), path
        if path.endswith("stream"):
            assert head.headers["content-type"].startswith("text/event-stream")
        else:
            asked = await get(path)
            assert head.headers.keys() == asked.headers.keys(), path
            assert int(head.headers["content-length"]) > 0
    await stream.stop()


async def test_it_has_the_status_of_get(get: Any) -> None:
    assert (await get("/api/v1/stats?period=1x", method="HEAD")).status == 422
    assert (await get("/api/v1/nothing", method="HEAD")).status == 404
    assert (await get("/api/v1/alerts/x/acknowledge", method="HEAD")).status == 405
    tag = (await get("/api/v1/stats")).headers["etag"]
    assert (await get("/api/v1/stats", method="HEAD", if_none_match=tag)).status == 304


async def test_it_is_counted_by_its_route(get: Any) -> None:
    await get("/api/v1/gaps", method="HEAD")
    text = (await get("/metrics")).body.decode()
    assert 'ha_ingestor_admin_api_requests_total{endpoint="/api/v1/gaps",status="200"} 1.0' in text


async def test_it_needs_what_get_needs(asking: Any) -> None:
    assert (await asking(Scope.READ)("/api/v1/stats", method="HEAD")).status == 200
    assert (await asking(Scope.READ)("/api/v1/tokens", method="HEAD")).status == 403


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("/api/v1/stats", "POST", "GET, HEAD"),
        ("/api/v1/alerts/x/silence", "GET", "DELETE, POST"),
        ("/api/v1/tokens", "DELETE", "GET, HEAD, POST"),
        ("/metrics", "PUT", "GET, HEAD"),
        ("/", "POST", "GET, HEAD"),
        ("/index.html", "DELETE", "GET, HEAD"),
    ],
)
async def test_a_405_has_the_allowed_methods(get: Any, tmp_path: Any, path: str, method: str, allow: str) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("<p>")
    answer = await get(path, method=method)
    assert (answer.status, answer.headers["allow"]) == (405, allow)
