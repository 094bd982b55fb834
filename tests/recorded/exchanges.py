"""One exchange with a server, our request and its answer: as data, as a line of a recording, as lines to read."""

from __future__ import annotations

import difflib
import gzip
from collections.abc import Iterable
from pathlib import Path

import msgspec
from aiohttp import web
from msgspec import Struct

FOLDER = Path(__file__).parent
REQUEST_HEADERS = ("Accept", "Content-Encoding", "Content-Type")
"""What of a request's headers is ours to decide, and no secret."""
RESPONSE_HEADERS = ("Content-Type", "Retry-After", "X-Influxdb-Version", "X-Platform-Error-Code")
"""What of an answer's headers is read."""

_PIPE = " |> "


class Request(Struct, frozen=True):
    """What we ask; `body` is the text before it was compressed."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def key(self) -> bytes:
        """Equal for requests that are equal to the letter."""
        return msgspec.json.encode(self, order="sorted")

    def lines(self) -> list[str]:
        """As a person reads it: a Flux question a step a line, lines of points as they are."""
        head = [f"{self.method} {self.path}", *(f"{name} = {value}" for name, value in self.params.items())]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        return [*head, *_readable(self.body)]


class Response(Struct, frozen=True):
    """What the server answers."""

    status: int
    headers: dict[str, str]
    body: str


class Exchange(Struct, frozen=True):
    """A line of a recording."""

    request: Request
    response: Response


def recordings() -> list[Path]:
    """The recordings there are, one a version."""
    return sorted(FOLDER.glob("influxdb-*.jsonl"))


def read_exchanges(path: Path) -> list[Exchange]:
    """The exchanges of a recording, in their order."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [msgspec.json.decode(line, type=Exchange) for line in lines]


def write_exchanges(path: Path, exchanges: Iterable[Exchange]) -> None:
    """Write a recording."""
    path.write_bytes(b"".join(msgspec.json.encode(exchange) + b"\n" for exchange in exchanges))


async def read_request(request: web.BaseRequest) -> tuple[Request, bytes]:
    """A request as it is recorded, and its body as it was sent."""
    sent = await request.read()
    is_packed = request.headers.get("Content-Encoding") == "gzip"
    seen = Request(
        method=request.method,
        path=request.path,
        params=dict(request.query),
        headers={name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers},
        body=(gzip.decompress(sent) if is_packed else sent).decode(),
    )
    return seen, sent


def difference(recorded: Request, asked: Request) -> str:
    """What of a request differs from a recorded one."""
    lines = recorded.lines(), asked.lines()
    if lines[0] == lines[1]:  # what was made readable hides it
        lines = [repr(recorded.body)], [repr(asked.body)]
    return "\n".join(difflib.unified_diff(*lines, "recorded", "asked", n=3, lineterm=""))


def _readable(body: str) -> list[str]:
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.split("\n")
    if not isinstance(told, dict):
        return [body]
    lines: list[str] = []
    for name, value in told.items():
        if name == "query" and isinstance(value, str):
            lines += value.replace(_PIPE, f"\n{_PIPE}").split("\n")
        else:
            lines.append(f"{name} = {msgspec.json.encode(value).decode()}")
    return lines
