"""What each route asks of a token: one small table; what it does not name is closed the more, not the less."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from admin_api.http.paths import _METRICS, is_below

_ORDER = ("metrics", "read", "operate", "admin")


class Scope(StrEnum):
    """What a token may do; each one may do what those before it may."""

    METRICS = "metrics"
    """`/metrics` alone, which shows nothing of the home but its name."""
    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    def covers(self, wanted: Scope) -> bool:
        """Whether this is enough for what is wanted."""
        return _ORDER.index(self) >= _ORDER.index(wanted)


SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""What changes nothing."""

SESSION = "/api/v1/session"
SESSIONS = "/api/v1/sessions"
TOKENS = "/api/v1/tokens"  # a path

OPEN = frozenset(
    {
        ("GET", "/api/v1/health/live"),
        ("GET", "/api/v1/health/ready"),  # a load balancer has no token, and learns no more than yes or no
        ("POST", SESSION),
        ("DELETE", SESSION),
    }
)
"""What anybody may ask: whether it lives, and to be let in or out."""

_ADMIN = (TOKENS, SESSIONS, "/api/v1/audit", "/api/v1/config", "/api/v1/tap")
_OPERATE = ("/api/v1/rejected", "/api/v1/backfill", "/api/v1/filters", "/api/v1/alerts")


@lru_cache(maxsize=1024)
def required_scope(method: str, route: str) -> Scope | None:
    """Return the scope that a route needs, by its path format; None for those of OPEN.

    Reading needs `read`, a change `admin` unless the table says that operating is enough; everything about tokens,
    the audit log, the configuration and the live tap is `admin`, reading too.
    """
    if ("GET" if method == "HEAD" else method, route) in OPEN:
        return None
    if is_below(route, _ADMIN):
        return Scope.ADMIN
    if method in SAFE_METHODS:
        return Scope.METRICS if route == _METRICS else Scope.READ
    return Scope.OPERATE if is_below(route, _OPERATE) else Scope.ADMIN
