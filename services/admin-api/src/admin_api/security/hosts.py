"""By which names we may be called: what keeps a stranger's page from reaching us under a name of its own.

A page of evil.example may let that name point at this machine (DNS rebinding); the browser then takes us for its own
server, but says the name in `Host`. An address, or a name that only a local network can give, is nobody's page.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(rf"https?://(?:{_NAME.pattern}|\[[0-9a-f:]+\])(?::\d{{1,5}})?", re.ASCII | re.IGNORECASE)
_LONGEST_HOST = 300  # a name has 253 characters; strangers write what they like, and what is remembered stays
_PORTS = {"http": 80, "https": 443}
_LOCAL_DOMAINS = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".home", ".localdomain")
"""Domains that no stranger can have: of RFC 6761, 6762 and 8375, of ICANN, and those that routers hand out."""


def is_host_pattern(text: str) -> bool:
    """Whether it is a name, or `*.` and a name."""
    return len(text) <= 253 and _NAME.fullmatch(text) is not None


def is_frame_ancestor(text: str) -> bool:
    """Return whether it is `'self'` or an origin, by name or address: nothing that could add to the policy."""
    return text == "'self'" or _ORIGIN.fullmatch(text) is not None


def host_name(host: str) -> str:
    """The name or address in a `Host` header, in lower case and without a port; empty where there is none."""
    return _host_name(host) if len(host) <= _LONGEST_HOST else ""


@lru_cache(maxsize=256)  # a dashboard asks by one name all day
def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_loopback_name(name: str) -> bool:
    """Whether a name always means this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def may_be_called(name: str, allowed: frozenset[str]) -> bool:
    """Whether a request for this name is meant for us."""
    if name in allowed or any(name.endswith(entry[1:]) for entry in allowed if entry.startswith("*.")):
        return True
    try:
        ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(_LOCAL_DOMAINS))
    return True


def is_same_origin(origin: str, host: str, scheme: str | None, allowed: frozenset[str]) -> bool:
    """Return whether an `Origin` is that of our own pages: the address that was called, or a name that was allowed.

    `scheme` is that of the request as the browser made it; None where a proxy does not say. A page of plain http is
    not ours where we are called by https, and none of https where we are called by http: it is another server's. Only
    under an allowed name a proxy that we do not see may have added https.
    """
    try:
        parts = urlsplit(origin)
        asked = urlsplit(f"{scheme or parts.scheme}://{host}")
        if parts.scheme not in _PORTS or parts.hostname is None:
            return False
        is_asked = (parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]) == (
            asked.scheme,
            asked.hostname,
            asked.port or _PORTS[asked.scheme],
        )
    except (KeyError, ValueError):
        return False
    is_named = parts.hostname in allowed or any(parts.hostname.endswith(e[1:]) for e in allowed if e.startswith("*."))
    return is_asked or (is_named and (parts.scheme == asked.scheme or parts.scheme == "https"))
