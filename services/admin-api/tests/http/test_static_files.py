"""The dashboard's files, and the notice without a build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from admin_api.http.static_files import PAGES

SOURCES = Path(__file__).parents[3] / "health-dashboard"
PAGE = '<!doctype html><base href="./" /><title>dashboard</title>'


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "index-4f3a.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_without_a_build_the_page_explains_how_to_build(get: Any) -> None:
    answer = await get("/")
    assert answer.status == 200
    assert b"make build" in answer.body
    assert b"style" not in answer.body


async def test_index_is_asked_for_again_each_time(get: Any, dist: Path) -> None:
    answer = await get("/")
    assert b"dashboard" in answer.body
    assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_assets_never_change(get: Any, dist: Path) -> None:
    answer = await get("/assets/index-4f3a.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/../secret.txt", "/%2e%2e/secret.txt", "/assets", "/api/v1/nothing", "/" + "x" * 300],
)
async def test_what_is_not_there_is_a_404_in_our_shape(get: Any, dist: Path, path: str) -> None:
    for accepted in ("", "gzip, br"):
        answer = await get(path, accept_encoding=accepted)
        assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "/api/v1/stats", "/api/v1/stats?period=1x", "/nothing", "/metrics"])
async def test_every_answer_forbids_foreign_code(get: Any, dist: Path, path: str) -> None:
    headers = (await get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/", "./"),
        ("/flow", "./"),
        ("/flow?period=24h", "./"),
        ("/flow/", "../"),
        ("/entities", "./"),
        ("/entities/sensor.kitchen_temperature", "../"),
        ("/entities/a%2Fb%20c", "../"),
        ("/entities/sensor.x/", "../../"),
    ],
)
async def test_a_route_is_the_page_with_a_base_that_leads_to_the_root(
    get: Any, dist: Path, path: str, base: str
) -> None:
    answer = await get(path)
    assert (answer.status, answer.body.decode()) == (200, PAGE.replace("./", base))
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert urljoin(f"http://proxy/some/prefix{path}", f"{base}api/v1/stats") == "http://proxy/some/prefix/api/v1/stats"


async def test_a_route_can_be_asked_for_by_head(get: Any, dist: Path) -> None:
    for path in ("/flow", "/entities/sensor.x"):
        answer = await get(path, "HEAD")
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_without_a_build_every_route_has_the_notice(get: Any) -> None:
    answer = await get("/entities/sensor.x")
    assert answer.status == 200
    assert b"make build" in answer.body
    assert b'<base href="../" />' in answer.body
    assert b'href="/' not in answer.body


@pytest.mark.parametrize("path", ["/nothing", "/flow/more", "/a/b"])
async def test_a_browser_gets_the_not_found_page(get: Any, dist: Path, path: str) -> None:
    answer = await get(path, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.status == 404
    assert b"dashboard" in answer.body
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_not_found_page_is_complete_with_a_cached_index(get: Any, dist: Path) -> None:
    tag = (await get("/")).headers["etag"]
    answer = await get("/nothing", accept="text/html", if_none_match=tag, range="bytes=0-3")
    assert (answer.status, answer.body.decode()) == (404, PAGE)


@pytest.mark.parametrize("path", ["/assets/old-1234.js", "/nothing.png", "/api/v1/nothing", "/metrics/x", "/assets"])
async def test_no_page_stands_in_for_a_file_or_an_endpoint(get: Any, dist: Path, path: str) -> None:
    answer = await get(path, accept="text/html,*/*")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")


def test_the_routes_are_the_dashboards_own() -> None:
    routes = (SOURCES / "src" / "app" / "routes.tsx").read_text(encoding="utf-8")
    assert {path.partition("/")[0] for path in re.findall(r'path: "(\w[^"]*)"', routes)} == PAGES


def test_the_built_page_has_the_base_that_is_replaced() -> None:
    assert PAGE[len("<!doctype html>") : PAGE.index("<title>")] in (SOURCES / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def compressed(dist: Path) -> Path:
    (dist / "assets" / "index-4f3a.js.br").write_bytes(b"brotli")
    (dist / "assets" / "index-4f3a.js.gz").write_bytes(b"gzip")
    (dist / "index.html.gz").write_bytes(b"gzip of the page")
    return dist


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"brotli"),
        ("gzip, deflate", "gzip", b"gzip"),
        ("br;q=1.0, gzip;q=0.8", "br", b"brotli"),
        ("br;q=0, gzip", "gzip", b"gzip"),
        ("br, gzip;q=0", "br", b"brotli"),
        ("br;q=0, gzip;q=0", None, b"1"),
        ("identity", None, b"1"),
        ("", None, b"1"),
    ],
)
async def test_assets_come_as_the_build_compressed_them(
    get: Any, compressed: Path, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = await get("/assets/index-4f3a.js", accept_encoding=accepted)
    assert (answer.status, answer.headers.get("content-encoding"), answer.body) == (200, encoding, body)
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    if encoding:
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-length"] == str(len(body))


async def test_so_does_the_page(get: Any, compressed: Path) -> None:
    for path in ("/", "/index.html"):
        answer = await get(path, accept_encoding="gzip")
        assert (answer.headers["content-encoding"], answer.body) == ("gzip", b"gzip of the page")
        assert answer.headers["content-type"].startswith("text/html")


async def test_an_asset_without_a_compressed_one_is_served_as_it_is(get: Any, dist: Path) -> None:
    answer = await get("/assets/index-4f3a.js", accept_encoding="gzip, br")
    assert (answer.body, answer.headers.get("content-encoding")) == (b"1", None)
