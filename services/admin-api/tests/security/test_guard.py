"""Access by host name, address, origin, token and number of requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from admin_api.security.guard import Guard
from admin_api.security.scopes import Scope, required_scope
from admin_api.security.settings import TokenPolicy
from admin_api.security.token_file import FILE, TokenFile, command_line_access
from fastapi.routing import iter_route_contexts
from ha_ingestor_core.clock import FakeClock
from pydantic import SecretStr
from structlog.testing import capture_logs

STATS = "/api/v1/stats"


async def test_this_machine_needs_no_token_to_read_on_loopback(asker: Any, local_app: Any) -> None:
    ask = asker(local_app)
    for path in (STATS, "/metrics", "/api/v1/events", "/api/v1/session"):
        assert (await ask(path)).status == 200, path


async def test_and_may_do_nothing_else(asker: Any, local_app: Any) -> None:
    ask = asker(local_app)
    routes = [(method, str(r.path_format)) for r in iter_route_contexts(local_app.routes) for method in r.methods or ()]
    closed = [(m, p) for m, p in routes if required_scope(m, p) in (Scope.OPERATE, Scope.ADMIN)]
    assert len(closed) > 12
    for method, path in closed:
        answer = await ask(path.replace("{", "").replace("}", ""), method, b"{}")
        assert (answer.status, answer.key) == (401, "unauthorized"), (method, path)
        assert "ha-ingestor link" in answer.json["error"]["message"]


async def test_reading_without_a_token_can_be_closed(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard]
) -> None:
    ask = asker(make_app(make_guard(loopback_read=False)))
    assert [(await ask(path)).status for path in (STATS, "/metrics", "/")] == [401, 401, 200]


async def test_a_start_renews_the_secret_of_the_command_line(
    asker: Any, local_app: Any, guard: Guard, tmp_path: Path
) -> None:
    await guard.start("http://127.0.0.1:8003")
    access = command_line_access(tmp_path)
    assert access is not None
    ask = asker(local_app, authorization=f"Bearer {access.secret}")
    assert (await ask("/api/v1/tokens")).status == 200
    await guard.stop()


async def test_a_damaged_token_file_does_not_stop_the_start(guard: Guard, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{")
    await guard.start("http://127.0.0.1:8003")
    await guard.stop()


@pytest.mark.parametrize("host", ["localhost:8003", "127.0.0.1:8003", "[::1]:8003"])
async def test_by_each_of_its_names(asker: Any, local_app: Any, host: str) -> None:
    assert (await asker(local_app, host=host)(STATS)).status == 200


@pytest.mark.parametrize(
    "header",
    [
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"via": "1.1 proxy"},
        {"x_forwarded_proto": "https"},
    ],
)
async def test_what_a_proxy_forwarded_is_not_this_machine(asker: Any, local_app: Any, header: dict[str, str]) -> None:
    assert (await asker(local_app)(STATS, **header)).status == 401


async def test_nor_is_a_name_that_only_leads_here(asker: Any, local_app: Any) -> None:
    assert (await asker(local_app, host="myserver")(STATS)).status == 401
    assert (await asker(local_app, host="192.168.1.2:8003")(STATS)).status == 401


async def test_nor_is_another_address(asker: Any, local_app: Any) -> None:
    assert (await asker(local_app, client="192.0.2.7")(STATS)).status == 401


async def test_a_name_that_a_stranger_lets_point_here_is_refused(asker: Any, local_app: Any, open_app: Any) -> None:
    for app in (local_app, open_app):
        for host in ("evil.example", "", "localhost.evil.example"):
            answer = await asker(app, host=host)("/")
            assert (answer.status, answer.key) == (421, "unknown_host")
            assert "ADMIN_API_ALLOWED_HOSTS" in answer.json["error"]["message"]


async def test_a_name_can_be_allowed(asker: Any, make_app: Any, make_guard: Callable[..., Guard]) -> None:
    app = make_app(make_guard(allowed_hosts="ha.example.org, *.wild.example"))
    for host in ("ha.example.org", "HA.example.org:443", "a.wild.example"):
        assert (await asker(app, host=host)(STATS)).status == 401  # a name that is not local


async def test_listening_on_all_addresses_requires_tokens_locally_too(asker: Any, open_app: Any) -> None:
    answer = await asker(open_app)(STATS)
    assert (answer.status, answer.key, answer.headers["WWW-Authenticate".lower()]) == (401, "unauthorized", "Bearer")


async def test_tokens_can_be_required_on_loopback(asker: Any, make_app: Any, make_guard: Callable[..., Guard]) -> None:
    assert (await asker(make_app(make_guard(token_policy=TokenPolicy.REQUIRED)))(STATS)).status == 401


async def test_anybody_may_ask_whether_it_lives_and_load_the_page(asker: Any, open_app: Any) -> None:
    ask = asker(open_app, client="192.0.2.7")
    assert (await ask("/api/v1/health/live")).status == 200
    assert (await ask("/api/v1/health/ready")).status == 200
    assert (await ask("/")).status == 200


@pytest.mark.parametrize("path", [STATS, "/metrics", "/api/v1/stream", "/api/v1/openapi.json", "/api/v1/none", "/api"])
async def test_unauthenticated_clients_get_a_401(asker: Any, open_app: Any, path: str) -> None:
    assert (await asker(open_app, client="192.0.2.7")(path)).status == 401


async def test_each_scope_may_what_it_may(asking: Callable[[Scope], Any]) -> None:
    read, operate, admin = (asking(scope) for scope in (Scope.READ, Scope.OPERATE, Scope.ADMIN))
    filters = b'{"include": {}, "exclude": {}}'
    assert [(await who(STATS)).status for who in (read, operate, admin)] == [200, 200, 200]
    assert [(await who("/api/v1/filters", "PUT", filters)).status for who in (read, operate, admin)] == [403, 200, 200]
    assert [(await who("/api/v1/tokens")).status for who in (read, operate, admin)] == [403, 403, 200]
    assert [(await who("/api/v1/config")).status for who in (read, operate, admin)] == [403, 403, 200]
    refused = await read("/api/v1/audit")
    assert refused.key == "forbidden"
    assert "scope admin" in refused.json["error"]["message"]


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer hai_unknown", "Bearer \xff\xfe", "bearer hai_unknown", "Bearer a b"]
)
async def test_a_token_that_does_not_count_is_refused(asker: Any, open_app: Any, local_app: Any, header: str) -> None:
    assert (await asker(open_app)(STATS, authorization=header)).status == 401
    assert (await asker(local_app)(STATS, authorization=header)).status == 401  # rejected even if no token is needed


@pytest.mark.parametrize("header", ["Basic YTpi", "Token x", "hai_x", ""])
async def test_other_authentication_schemes_are_ignored(asker: Any, open_app: Any, header: str) -> None:
    assert (await asker(open_app)(STATS, authorization=header)).status == 401


async def test_a_revoked_token_counts_no_more(asker: Any, open_app: Any, tokens: TokenFile) -> None:
    secret, token = tokens.create("a", Scope.READ)
    ask = asker(open_app, authorization=f"Bearer {secret}")
    assert (await ask(STATS)).status == 200
    tokens.revoke(token.id)
    assert (await ask(STATS)).status == 401


async def test_a_link_asks_and_changes_nothing(asker: Any, open_app: Any, tokens: TokenFile) -> None:
    ask = asker(open_app, authorization=f"Bearer {tokens.create_link()}")
    assert (await ask(STATS)).status == 403
    assert (await ask("/api/v1/tokens", "POST", b'{"name": "me", "scope": "admin"}')).status == 403


async def test_a_token_is_no_cookie(asker: Any, open_app: Any, secret_of: Callable[[Scope], str]) -> None:
    ask = asker(open_app, cookie=f"ha_ingestor_session={secret_of(Scope.ADMIN)}")
    assert (await ask(STATS)).status == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", "https://localhost:8443"])
async def test_a_page_of_another_origin_is_refused(asker: Any, local_app: Any, method: str, origin: str) -> None:
    answer = await asker(local_app)("/api/v1/filters", method, origin=origin)
    assert (answer.status, answer.key) == (403, "foreign_origin")


async def test_the_stream_is_refused_to_it_too(asker: Any, local_app: Any) -> None:
    assert (await asker(local_app)("/api/v1/stream", origin="http://evil.example")).status == 403
    assert (await asker(local_app)("/api/v1/stream", sec_fetch_site="cross-site")).status == 403


async def test_our_own_page_may_change_something(asker: Any, local_app: Any, secret_of: Callable[[Scope], str]) -> None:
    filters = b'{"include": {}, "exclude": {}}'
    ask = asker(local_app, host="localhost:8003", authorization=f"Bearer {secret_of(Scope.OPERATE)}")
    assert (await ask("/api/v1/filters", "PUT", filters, origin="http://localhost:8003")).status == 200
    assert (await ask("/api/v1/filters", "PUT", filters, sec_fetch_site="same-origin")).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_may_lead_here_and_a_form_may_not(asker: Any, local_app: Any, site: str) -> None:
    link = {"sec_fetch_site": site, "sec_fetch_mode": "navigate"}
    assert (await asker(local_app)(STATS, **link)).status == 200
    assert (await asker(local_app)("/api/v1/rejected/x/replay", "POST", **link)).status == 403


async def test_too_many_requests_are_a_429_with_retry_after(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard], clock: FakeClock, secret_of: Callable[[Scope], str]
) -> None:
    app = make_app(make_guard("0.0.0.0", rate_limit=0.5))
    ask = asker(app, client="192.0.2.7", authorization=f"Bearer {secret_of(Scope.READ)}")
    assert [(await ask(STATS)).status for _ in range(3)] == [200, 200, 429]
    answer = await ask(STATS)
    assert (answer.key, answer.headers["retry-after"]) == ("too_many_requests", "2")
    assert (await asker(app, client="192.0.2.8")("/api/v1/health/live")).status == 200
    clock.advance(2)
    assert (await ask(STATS)).status == 200


async def test_this_machine_is_not_limited(asker: Any, make_app: Any, make_guard: Callable[..., Guard]) -> None:
    ask = asker(make_app(make_guard(rate_limit=0.5)))
    assert {(await ask("/api/v1/health/live")).status for _ in range(20)} == {200}


async def test_wrong_tokens_cost_more(asker: Any, open_app: Any) -> None:
    ask = asker(open_app, client="192.0.2.7", authorization="Bearer hai_guess")
    statuses = [(await ask(STATS)).status for _ in range(30)]
    assert statuses.index(429) < 20


async def test_behind_a_trusted_proxy_each_client_has_its_own_limit(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard]
) -> None:
    ask = asker(make_app(make_guard("0.0.0.0", rate_limit=0.5, trusted_proxies="10.0.0.1")), client="10.0.0.1")
    live = "/api/v1/health/live"
    assert [(await ask(live, x_forwarded_for="192.0.2.7")).status for _ in range(3)] == [200, 200, 429]
    assert (await ask(live, x_forwarded_for="192.0.2.8")).status == 200
    assert (await ask(live, x_forwarded_for="192.0.2.9, 192.0.2.7")).status == 429  # can be forged


async def test_last_use_is_written_down_at_the_end(make_guard: Callable[..., Guard], tokens: TokenFile) -> None:
    secret, token = tokens.create("a", Scope.READ)
    guard = make_guard("0.0.0.0")
    await guard.start("http://127.0.0.1:8003")
    tokens.note_use(token)
    await guard.stop()
    assert tokens.tokens()[0].last_used_ns is not None
    assert secret


async def test_no_secret_is_in_the_log(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str], replay: Any
) -> None:
    secret, guess = secret_of(Scope.ADMIN), "hai_" + "g" * 43
    replay.end = RuntimeError("broken")
    with capture_logs() as logs:
        ask = asker(open_app, authorization=f"Bearer {secret}")
        await ask("/api/v1/rejected/x/replay", "POST")
        await ask("/api/v1/tokens", "POST", b'{"name": "new", "scope": "read"}')
        signed_in = await asker(open_app)("/api/v1/session", "POST", f'{{"token": "{secret}"}}'.encode())
        await asker(open_app)("/api/v1/session", "POST", f'{{"token": "{guess}"}}'.encode())
        await asker(open_app)("/api/v1/session", "POST", f'{{"tokken": "{guess}"}}'.encode())
        await asker(open_app, authorization=f"Bearer {guess}")(STATS)
    text = repr(logs)
    session = signed_in.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert "request_failed" in text
    assert "token_unknown" in text
    for each in (secret, guess, session):
        assert len(each) > 40
        assert each not in text


async def test_a_list_that_proxies_have_added_to_line_by_line_is_one(make_guard: Callable[..., Guard]) -> None:
    guard = make_guard("0.0.0.0", trusted_proxies="10.0.0.1, 10.0.0.2")
    headers = [(b"host", b"10.0.0.9"), (b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"10.0.0.2")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "client": ("10.0.0.1", 1)}
    assert guard.admit(scope, None).address == "198.51.100.1"


@pytest.mark.parametrize(
    ("proxy", "origin", "status"),
    [
        ({"x_forwarded_proto": "https"}, "https://myserver", 200),
        ({"x_forwarded_proto": "https, http"}, "https://myserver", 200),
        ({"forwarded": "for=192.0.2.1;proto=https"}, "https://myserver", 200),
        ({"x_forwarded_for": "192.0.2.1"}, "https://myserver", 200),  # a proxy that does not forward the host name
        ({"x_forwarded_proto": "https"}, "http://myserver", 403),
        ({"x_forwarded_proto": "http"}, "https://myserver", 403),
        ({}, "https://myserver", 403),
        ({}, "http://myserver", 200),
    ],
)
async def test_an_origin_is_compared_with_its_scheme(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str], proxy: dict[str, str], origin: str, status: int
) -> None:
    ask = asker(open_app, host="myserver", authorization=f"Bearer {secret_of(Scope.READ)}")
    assert (await ask(STATS, origin=origin, **proxy)).status == status


async def test_the_page_can_be_shown_in_frames_of_named_origins(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard]
) -> None:
    framed = asker(make_app(make_guard(), frame_ancestors="'self' https://ha.example.org"))
    headers = (await framed("/")).headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'self' https://ha.example.org")
    assert "x-frame-options" not in headers
    headers = (await asker(make_app(make_guard()))("/")).headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert headers["x-frame-options"] == "DENY"


METRICS_TOKEN = "0123456789abcdef-metrics"


@pytest.mark.parametrize("is_of_the_settings", [True, False])
async def test_a_token_for_metrics_is_valid_for_metrics_alone(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard], tokens: TokenFile, is_of_the_settings: bool
) -> None:
    secret = METRICS_TOKEN if is_of_the_settings else tokens.create("prometheus", Scope.METRICS)[0]
    app = make_app(make_guard("0.0.0.0", metrics_token=SecretStr(METRICS_TOKEN)))
    ask = asker(app, client="192.0.2.7", authorization=f"Bearer {secret}")
    assert (await ask("/metrics")).status == 200
    for path in (STATS, "/api/v1/session", "/api/v1/entities", "/api/v1/config", "/api/v1/tokens"):
        assert (await ask(path)).status == 403, path
    assert (await ask("/api/v1/filters", "PUT", b"{}")).status == 403
    signing_in = await asker(app, client="192.0.2.7")("/api/v1/session", "POST", f'{{"token": "{secret}"}}'.encode())
    assert signing_in.status == (401 if is_of_the_settings else 403)


async def test_without_the_setting_an_empty_token_is_none(
    asker: Any, make_app: Any, make_guard: Callable[..., Guard]
) -> None:
    ask = asker(make_app(make_guard("0.0.0.0")), client="192.0.2.7", authorization="Bearer ")
    assert (await ask("/metrics")).status == 401
