"""The check of the Host and Origin headers, against DNS rebinding and requests from other origins.

With DNS rebinding, evil.example resolves to this machine, and the browser treats its pages as same-origin; `Host`
still has that name. IP addresses and names that only a local network can assign are safe.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(rf"https?://(?:{_NAME.pattern}|\[[0-9a-f:]+\])(?::\d{{1,5}})?", re.ASCII | re.IGNORECASE)
_LONGEST_HOST = 300  # a name has at most 253 characters; bounds the memory of the cache
_PORTS = {"http": 80, "https": 443}
_LOCAL_DOMAINS = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".home", ".localdomain")
"""Domains that cannot be registered: of RFC 6761, 6762 and 8375, of ICANN, and those that routers assign."""


def is_host_pattern(text: str) -> bool:
    """Return whether a text is a host name, or `*.` followed by one."""
    return len(text) <= 253 and _NAME.fullmatch(text) is not None


def is_frame_ancestor(text: str) -> bool:
    """Return whether a text is `'self'` or an origin, and cannot inject other directives into the policy."""
    return text == "'self'" or _ORIGIN.fullmatch(text) is not None


def host_name(host: str) -> str:
    """Return the name or address of a `Host` header, in lower case and without port; empty if invalid."""
    return _host_name(host) if len(host) <= _LONGEST_HOST else ""


@lru_cache(maxsize=256)  # dashboards send the same name with every request
def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_loopback_name(name: str) -> bool:
    """Return whether a name always resolves to this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=256)
def may_be_called(name: str, allowed: frozenset[str]) -> bool:
    """Return whether a host name is accepted."""
    if name in allowed or any(name.endswith(entry[1:]) for entry in allowed if entry.startswith("*.")):
        return True
    try:
        ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(_LOCAL_DOMAINS))
    return True


def is_same_origin(origin: str, host: str, scheme: str | None, allowed: frozenset[str]) -> bool:
    """Return whether an `Origin` is that of the dashboard: the requested host, or an allowed host.

    `scheme` is that of the browser's request; None if a proxy does not report it. The schemes of page and request must
    match, except that an allowed host may be behind a TLS proxy that sets no header.
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
