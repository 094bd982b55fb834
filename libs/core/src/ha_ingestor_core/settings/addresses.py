"""Parses the addresses of servers, as typed or pasted by users."""

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
"""First segments of Home Assistant's own paths, as copied from a browser or a manual."""


def parse_address(text: str) -> str:
    """Return `scheme://host[:port][/prefix]` without a trailing slash: http or https, the host in lower case.

    Raises ValueError.
    """
    url = _parse(text)
    if url.raw_query_string or url.raw_fragment:
        raise ValueError("must not contain a query (?) or a fragment (#)")
    return _text(url, url.raw_path)


def parse_home_assistant_address(text: str) -> str:
    """Return the address like `parse_address`, without a path of Home Assistant itself, such as /lovelace/0."""
    url = _parse(text)
    prefix: list[str] = []
    for segment in url.raw_path.split("/"):
        if segment in _PASTED or segment.startswith("dashboard-"):
            break
        prefix.append(segment)
    return _text(url, "/".join(prefix))


def credentials_of(address: str) -> str | None:
    """Return `user:password` of an address; None where it has none."""
    url = URL(address)
    return None if url.user is None else f"{url.user}:{url.password or ''}"


def without_credentials(address: str) -> str:
    """Return the address without user and password."""
    return str(URL(address).with_user(None)).rstrip("/")


def _parse(text: str) -> URL:
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        raise ValueError("must start with http:// or https://")
    if _UNWANTED.search(text):
        raise ValueError("must not contain white space, control characters or backslashes")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    _check_port(authority)
    try:
        url = URL(f"{_SCHEMES[scheme]}://{rest}")
        host = url.raw_host
    except (ValueError, UnicodeError) as err:
        raise ValueError(f"is not a valid address ({_reason(err)})") from None
    if not host:
        raise ValueError("has no host")
    if ":" not in host and not _HOST.fullmatch(host):
        raise ValueError("must have a host name or an IP address as its host")
    return url


def _check_port(authority: str) -> None:
    found = _PORT.search(authority)
    if found is None or found[1] == "":
        return
    if not re.fullmatch(r"[0-9]{1,6}", found[1]) or not 1 <= int(found[1]) <= 65_535:
        raise ValueError("has an invalid port: it must be from 1 to 65535")


def _text(url: URL, path: str) -> str:
    plain = url.with_query(None).with_fragment(None)
    return str(plain.with_path(path.rstrip("/") or "/", encoded=True)).rstrip("/")


def _reason(err: Exception) -> str:
    return str(err).partition(":")[0] or type(err).__name__


HttpAddress = Annotated[str, AfterValidator(parse_address)]
"""The address of a server, without a trailing slash."""

HomeAssistantAddress = Annotated[str, AfterValidator(parse_home_assistant_address)]
"""The address of a Home Assistant, without the path of a page."""
