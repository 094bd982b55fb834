"""The built dashboard, as files with the right cache headers; a friendly page where it was not built."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The better one first."""

_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>HA Ingestor</title></head>
<body>
<h1>HA Ingestor is running</h1>
<p>The dashboard has not been built yet: run <code>make build</code>, then load this page again.</p>
<p>The API answers already: <a href="/api/v1/stats">statistics</a>, <a href="/api/v1/health">health</a>,
<a href="/api/v1/events">events</a>, <a href="/api/v1/openapi.json">OpenAPI</a>, <a href="/metrics">metrics</a>.</p>
</body>
</html>
"""


class Dashboard(StaticFiles):
    """Serves a folder; files in `assets/` carry a hash in their name and never change."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True  # or a folder that is not there yet would be an error
        self._folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at a path; raises a 404."""
        if path == "." and not (self._folder / "index.html").is_file():
            return HTMLResponse(_NOT_BUILT, headers={"Cache-Control": "no-store"})
        if "\x00" in path or not self._folder.is_dir():
            raise HTTPException(404)
        plain = await super().get_response(path, scope)
        response = await self._compressed("index.html" if path == "." else path, scope) or plain
        response.headers["Cache-Control"] = _FOREVER if path.startswith("assets/") else _ASK_AGAIN
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        """Return the variant of a file that the build compressed, where the client takes it and there is one."""
        given = Headers(scope=scope).get("accept-encoding", "")
        accepted = {each.partition(";")[0].strip() for each in given.split(",")}
        for encoding, suffix in _ENCODINGS.items():
            if encoding not in accepted or not (self._folder / f"{path}{suffix}").is_file():
                continue
            response = await super().get_response(f"{path}{suffix}", scope)
            response.headers["Content-Encoding"] = encoding
            response.headers["Content-Type"] = guess_type(path)[0] or "application/octet-stream"
            response.headers.add_vary_header("Accept-Encoding")
            return response
        return None
