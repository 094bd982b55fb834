"""Parses the address of a server as people write or paste it; one parser for every server."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from yarl import URL

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.ASCII)
_PORT = re.compile(r"(?:\]|^[^:\]]*):([^:\]]*)$")
_PASTED = frozenset(
    {"api", "auth", "config", "developer-tools", "energy", "hassio", "history", "logbook", "lovelace", "map"}
    | {"media-browser", "onboarding", "profile", "websocket"}
)
"""First segments of Home Assistant's own paths, as they are copied from a browser or a manual."""


def parse_address(text: str) -> str:
    """Return `scheme://host[:port][/prefix]` without a slash at its end, http or https, the host in lower case.

    Raises ValueError that says what is wrong.
    """
    url = _parse(text)
    if url.raw_query_string or url.raw_fragment:
        raise ValueError("should end with its path: nothing behind ? or #")
    return _text(url, url.raw_path)


def parse_home_assistant_address(text: str) -> str:
    """As `parse_address`; a path of Home Assistant's own, such as /lovelace/0 or /api/websocket, is cut off."""
    url = _parse(text)
    prefix: list[str] = []
    for segment in url.raw_path.split("/"):
        if segment in _PASTED or segment.startswith("dashboard-"):
            break
        prefix.append(segment)
    return _text(url, "/".join(prefix))


def credentials_of(address: str) -> str | None:
    """`user:password` of an address, None where it has none."""
    url = URL(address)
    return None if url.user is None else f"{url.user}:{url.password or ''}"


def without_credentials(address: str) -> str:
    """The address without user and password."""
    return str(URL(address).with_user(None)).rstrip("/")


def _parse(text: str) -> URL:
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        raise ValueError("should start with http:// or https://")
    if _UNWANTED.search(text):
        raise ValueError("should hold no white space, control characters or backslashes")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    _check_port(authority)
    try:
        url = URL(f"{_SCHEMES[scheme]}://{rest}")
        host = url.raw_host
    except (ValueError, UnicodeError) as err:
        raise ValueError(f"is no address that can be read ({_reason(err)})") from None
    if not host:
        raise ValueError("has no host")
    if ":" not in host and not _HOST.fullmatch(host):
        raise ValueError("has a host that is neither a name nor an IP address")
    return url


def _check_port(authority: str) -> None:
    found = _PORT.search(authority)
    if found is None or found[1] == "":
        return
    if not re.fullmatch(r"[0-9]{1,6}", found[1]) or not 1 <= int(found[1]) <= 65_535:
        raise ValueError("has a port that is not a number from 1 to 65535")


def _text(url: URL, path: str) -> str:
    plain = url.with_query(None).with_fragment(None)
    return str(plain.with_path(path.rstrip("/") or "/", encoded=True)).rstrip("/")


def _reason(err: Exception) -> str:
    return str(err).partition(":")[0] or type(err).__name__


HttpAddress = Annotated[str, AfterValidator(parse_address)]
"""An address of a server, without a slash at its end."""

HomeAssistantAddress = Annotated[str, AfterValidator(parse_home_assistant_address)]
"""The address of a Home Assistant, without a path of its own pages."""
