"""The built dashboard: files with cache headers, index.html at every route, and a notice if it is not built."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from admin_api.http.compression import accepted_encodings
from admin_api.http.paths import is_guarded

PAGES = frozenset({"flow", "entities", "events", "services", "alerts", "records", "settings"})
"""First segments of the dashboard's routes (src/app/routes.tsx); only `entities` has a second segment."""

_INDEX = "index.html"
_BASE = '<base href="./" />'
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Preferred first."""

_NOT_BUILT = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8">{_BASE}<title>HA Ingestor</title></head>
<body>
<h1>HA Ingestor is running</h1>
<p>The dashboard is not built. Run <code>make build</code>, then reload this page.</p>
<p>The API is available: <a href="api/v1/stats">statistics</a>, <a href="api/v1/health">health</a>,
<a href="api/v1/events">events</a>, <a href="api/v1/openapi.json">OpenAPI</a>, <a href="metrics">metrics</a>.</p>
</body>
</html>
"""


class Dashboard(StaticFiles):
    """Serves a folder, and its `index.html` at every route of the dashboard.

    Files in `assets/` have a hash in their name and are cached forever. The page refers to its files relative to
    `<base>`, which is relative to the requested path, so that it works behind a proxy with a path prefix.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.config_checked = True  # otherwise Starlette raises while the folder does not exist
        self._folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file or the page at a path; raises HTTPException (404, 405)."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405)
        if "\x00" in path:
            raise HTTPException(404)
        if _is_route(path):
            return await self._page(scope)
        try:
            response = await self._file(path, scope)
        except HTTPException as err:
            if err.status_code != 404 or not _is_navigation(path, scope):
                raise
            return await self._page(scope, 404)  # the page shows "not found"
        return response

    async def _page(self, scope: Scope, status: int = 200) -> Response:
        """Return index.html, with a `<base>` from the requested path to the root of the dashboard."""
        base = "../" * (_raw_path(scope).count("/") - 1) or "./"
        index = self._folder / _INDEX
        if index.is_file() and base == "./" and status == 200:
            return await self._file(_INDEX, scope)
        if index.is_file():
            text, caching = index.read_text(encoding="utf-8"), _ASK_AGAIN
        else:
            text, caching = _NOT_BUILT, "no-store"
        text = text.replace(_BASE, f'<base href="{base}" />', 1)
        return HTMLResponse(text, status, headers={"Cache-Control": caching})

    async def _file(self, path: str, scope: Scope) -> Response:
        if not self._folder.is_dir():
            raise HTTPException(404)
        plain = await super().get_response(path, scope)
        response = await self._compressed(path, scope) or plain
        response.headers["Cache-Control"] = _FOREVER if path.startswith("assets/") else _ASK_AGAIN
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        """Return the precompressed variant of a file; None if there is none or the client does not accept it."""
        accepted = accepted_encodings(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, suffix in _ENCODINGS.items():
            if encoding not in accepted or not (self._folder / f"{path}{suffix}").is_file():
                continue
            response = await super().get_response(f"{path}{suffix}", scope)
            response.headers["Content-Encoding"] = encoding
            response.headers["Content-Type"] = guess_type(path)[0] or "application/octet-stream"
            response.headers.add_vary_header("Accept-Encoding")
            return response
        return None


def _is_route(path: str) -> bool:
    first, _, rest = path.partition("/")
    return path == "." or (first in PAGES and (not rest or first == "entities"))


def _is_navigation(path: str, scope: Scope) -> bool:
    """Return whether a browser navigates: the request accepts HTML, and the path does not look like a file."""
    is_file = path.startswith("assets") or "." in path.rpartition("/")[2]
    is_page = not is_file and not is_guarded(f"/{path}")
    return is_page and "text/html" in Headers(scope=scope).get("accept", "")


def _raw_path(scope: Scope) -> str:
    """Return the path as requested, in which an encoded slash is not a separator."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1").partition("?")[0]
