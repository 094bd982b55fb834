"""The scope that each route requires. Routes that the table does not list require the highest applicable scope."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from admin_api.http.paths import _METRICS, is_below

_ORDER = ("metrics", "read", "operate", "admin")


class Scope(StrEnum):
    """What a token allows; each scope includes the ones before it."""

    METRICS = "metrics"
    """Only `/metrics`, which reveals nothing about a home but its name."""
    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    def covers(self, wanted: Scope) -> bool:
        """Return whether this scope includes another."""
        return _ORDER.index(self) >= _ORDER.index(wanted)


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

SESSION = "/api/v1/session"
SESSIONS = "/api/v1/sessions"
TOKENS = "/api/v1/tokens"  # a path

OPEN = frozenset(
    {
        ("GET", "/api/v1/health/live"),
        ("GET", "/api/v1/health/ready"),  # load balancers have no token; the answer reveals no details
        ("POST", SESSION),
        ("DELETE", SESSION),
    }
)
"""Routes without authentication: liveness, readiness, signing in and out."""

_ADMIN = (TOKENS, SESSIONS, "/api/v1/audit", "/api/v1/config", "/api/v1/tap")
_OPERATE = ("/api/v1/rejected", "/api/v1/backfill", "/api/v1/filters", "/api/v1/alerts")


@lru_cache(maxsize=1024)
def required_scope(method: str, route: str) -> Scope | None:
    """Return the scope that a route requires, by its path format; None for the routes of OPEN.

    Reading requires `read`. Changes require `admin`, or `operate` if listed. Tokens, sessions, the audit log, the
    configuration and the live tap require `admin` for reading too.
    """
    if ("GET" if method == "HEAD" else method, route) in OPEN:
        return None
    if is_below(route, _ADMIN):
        return Scope.ADMIN
    if method in SAFE_METHODS:
        return Scope.METRICS if route == _METRICS else Scope.READ
    return Scope.OPERATE if is_below(route, _OPERATE) else Scope.ADMIN
