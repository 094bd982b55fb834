"""The scope that each route requires."""

from __future__ import annotations

from typing import Any

import pytest
from admin_api.http.paths import is_guarded
from admin_api.security.scopes import OPEN, SAFE_METHODS, Scope, required_scope
from fastapi.routing import iter_route_contexts

CHANGES = {
    ("POST", "/api/v1/rejected/{rejected_id}/replay"): Scope.OPERATE,
    ("POST", "/api/v1/backfill"): Scope.OPERATE,
    ("PUT", "/api/v1/filters"): Scope.OPERATE,
    ("POST", "/api/v1/filters/preview"): Scope.OPERATE,
    ("POST", "/api/v1/tokens"): Scope.ADMIN,
    ("DELETE", "/api/v1/tokens/{token_id}"): Scope.ADMIN,
    ("DELETE", "/api/v1/sessions/{session_id}"): Scope.ADMIN,
    ("POST", "/api/v1/session"): None,
    ("DELETE", "/api/v1/session"): None,
    ("POST", "/api/v1/alerts/{alert_id}/acknowledge"): Scope.OPERATE,
    ("POST", "/api/v1/alerts/{alert_id}/silence"): Scope.OPERATE,
    ("DELETE", "/api/v1/alerts/{alert_id}/silence"): Scope.OPERATE,
    ("PUT", "/api/v1/config/stats-source"): Scope.ADMIN,
    ("POST", "/api/v1/tap"): Scope.ADMIN,
    ("DELETE", "/api/v1/tap/{tap_id}"): Scope.ADMIN,
}
"""Every route that makes a change, with its required scope; a new route must be added."""


def routes(app: Any) -> list[tuple[str, str]]:
    found = list(iter_route_contexts(app.routes))
    assert all(route.methods for route in found), "a route that is no HTTP passes the gate by"
    return [(method, str(route.path_format)) for route in found for method in sorted(route.methods or ())]


def test_every_change_needs_what_was_decided_for_it(app: Any) -> None:
    found = {(m, p): required_scope(m, p) for m, p in routes(app) if m not in SAFE_METHODS}
    assert len(found) >= 7
    assert found == {route: CHANGES.get(route, "not decided") for route in found}


def test_every_reading_needs_a_token_but_for_the_open_ones(app: Any) -> None:
    readings = [(m, p) for m, p in routes(app) if m in SAFE_METHODS]
    assert len(readings) > 15
    for method, path in readings:
        wanted = required_scope(method, path)
        assert (wanted is None) == ((method, path) in OPEN), path
        private = ("/api/v1/tokens", "/api/v1/sessions", "/api/v1/audit", "/api/v1/config", "/api/v1/tap")
        is_private = path.startswith(private)
        of_all = Scope.METRICS if path == "/metrics" else Scope.READ
        assert wanted in ((Scope.ADMIN,) if is_private else (of_all, None)), path


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("POST", "/api/v1/new", Scope.ADMIN),
        ("TRACE", "/api/v1/stats", Scope.ADMIN),
        ("GET", "/api/v2/anything", Scope.READ),
        ("GET", "/api", Scope.READ),
        ("GET", "/metrics", Scope.METRICS),
        ("POST", "/api/v1/health/live", Scope.ADMIN),
        ("GET", "/api/v1/health/live/", Scope.READ),
        ("PUT", "/api/v1/config/stats-source", Scope.ADMIN),
        ("POST", "/api/v1/alerts/some/acknowledge", Scope.OPERATE),
        ("POST", "/api/v1/filtersomething", Scope.ADMIN),
        ("GET", "/elsewhere", Scope.READ),
        ("HEAD", "/api/v1/health/live", None),
        ("OPTIONS", "/api/v1/health/live", Scope.READ),
    ],
)
def test_a_route_without_a_decision_is_closed(method: str, path: str, wanted: Scope | None) -> None:
    assert required_scope(method, path) == wanted


@pytest.mark.parametrize(
    ("path", "guarded"),
    [
        ("/api", True),
        ("/api/v2/x", True),
        ("/metrics/x", True),
        ("/", False),
        ("/apisomething", False),
        ("/a.js", False),
    ],
)
def test_what_is_no_route_is_guarded_below_the_api(path: str, guarded: bool) -> None:
    assert is_guarded(path) is guarded


def test_scopes_are_ordered() -> None:
    order = [Scope.READ, Scope.OPERATE, Scope.ADMIN]
    for have in order:
        for want in order:
            assert have.covers(want) == (order.index(have) >= order.index(want))
