"""`/session`, `/tokens` and `/audit`."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from admin_api.http.config_endpoints import ConfigAnswer
from admin_api.security.models import AuditAnswer, NewTokenAnswer, SessionAnswer, SessionsAnswer, TokensAnswer
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile, command_line_access
from ha_ingestor_core.clock import FakeClock

SESSION = "/api/v1/session"


async def sign_in(asker: Any, app: Any, secret: str, **headers: str) -> tuple[Any, Any]:
    answer = await asker(app, client="192.0.2.7")(SESSION, "POST", f'{{"token": "{secret}"}}'.encode(), **headers)
    assert answer.status == 201, answer.body
    cookies = SimpleCookie(answer.headers["set-cookie"])
    return answer, cookies["ha_ingestor_session"]


async def test_a_browser_signs_in_listens_and_signs_out(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str]
) -> None:
    answer, cookie = await sign_in(asker, open_app, secret_of(Scope.OPERATE))
    assert SessionAnswer.model_validate_json(answer.body).scope is Scope.OPERATE
    browser = asker(open_app, client="192.0.2.7", cookie=f"other=1; ha_ingestor_session={cookie.value}")
    assert (await browser("/api/v1/stats")).status == 200
    assert (await browser("/api/v1/tokens")).status == 403
    assert SessionAnswer.model_validate_json((await browser(SESSION)).body).name == "operate"
    out = await browser(SESSION, "DELETE")
    assert (out.status, out.body) == (204, b"")
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert (await browser("/api/v1/stats")).status == 401  # also for a copy of the cookie


async def test_the_cookie_is_for_this_site_and_no_script(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str], clock: FakeClock
) -> None:
    _, cookie = await sign_in(asker, open_app, secret_of(Scope.READ))
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "strict", "/")
    assert cookie["max-age"] == str(30 * 24 * 3600)
    assert not cookie["secure"]


async def test_over_https_it_is_sent_over_https_alone(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str]
) -> None:
    https = {"origin": "https://localhost", "x_forwarded_proto": "https"}
    _, cookie = await sign_in(asker, open_app, secret_of(Scope.READ), **https)
    assert cookie["secure"] is True


async def test_a_link_signs_in_once(asker: Any, open_app: Any, tokens: TokenFile) -> None:
    secret = tokens.create_link()
    _, cookie = await sign_in(asker, open_app, secret)
    assert (await asker(open_app, cookie=f"ha_ingestor_session={cookie.value}")("/api/v1/tokens")).status == 200
    again = await asker(open_app)(SESSION, "POST", f'{{"token": "{secret}"}}'.encode())
    assert again.status == 401


async def test_a_new_sign_in_of_a_browser_ends_its_earlier_session(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str], tokens: TokenFile
) -> None:
    _, first = await sign_in(asker, open_app, secret_of(Scope.READ))
    _, second = await sign_in(asker, open_app, tokens.create_link(), cookie=f"ha_ingestor_session={first.value}")
    for cookie, status in ((first, 401), (second, 200)):
        answer = await asker(open_app, cookie=f"ha_ingestor_session={cookie.value}")("/api/v1/stats")
        assert answer.status == status


async def test_sessions_are_listed_and_revoked(
    asker: Any, open_app: Any, secret_of: Callable[[Scope], str], tokens: TokenFile
) -> None:
    _, other = await sign_in(asker, open_app, secret_of(Scope.READ))
    _, own = await sign_in(asker, open_app, tokens.create_link())
    admin = asker(open_app, cookie=f"ha_ingestor_session={own.value}")
    listed = SessionsAnswer.model_validate_json((await admin("/api/v1/sessions")).body).sessions
    assert [(each.is_own, each.scope, each.token_id is None) for each in listed] == [
        (False, Scope.READ, False),
        (True, Scope.ADMIN, True),
    ]
    assert (await admin(f"/api/v1/tokens/{listed[0].id}", "DELETE")).status == 404
    assert (await admin(f"/api/v1/sessions/{listed[0].id}", "DELETE")).status == 204
    assert (await admin(f"/api/v1/sessions/{listed[0].id}", "DELETE")).status == 404
    assert (await asker(open_app, cookie=f"ha_ingestor_session={other.value}")("/api/v1/stats")).status == 401


async def test_the_secret_of_the_command_line_begins_no_session(
    asker: Any, open_app: Any, tokens: TokenFile, tmp_path: Path
) -> None:
    tokens.renew_command_line("http://127.0.0.1:8003")
    access = command_line_access(tmp_path)
    assert access is not None
    secret = access.secret
    assert (await asker(open_app, authorization=f"Bearer {secret}")("/api/v1/tokens")).status == 200
    assert (await asker(open_app)(SESSION, "POST", f'{{"token": "{secret}"}}'.encode())).status == 401


@pytest.mark.parametrize("token", ["hai_unknown", " ", "\\u0000", "\\ud800"])
async def test_a_wrong_token_does_not_sign_in(asker: Any, open_app: Any, token: str) -> None:
    answer = await asker(open_app)(SESSION, "POST", f'{{"token": "{token}"}}'.encode())
    assert (answer.status, answer.key) in ((401, "unauthorized"), (422, "invalid_input"))
    assert "set-cookie" not in answer.headers


async def test_a_session_begins_no_session(asker: Any, open_app: Any, secret_of: Callable[[Scope], str]) -> None:
    _, cookie = await sign_in(asker, open_app, secret_of(Scope.READ))
    assert (await asker(open_app)(SESSION, "POST", f'{{"token": "{cookie.value}"}}'.encode())).status == 401


async def test_signing_in_is_written_down(
    asker: Any, open_app: Any, asking: Any, secret_of: Callable[[Scope], str]
) -> None:
    await sign_in(asker, open_app, secret_of(Scope.READ))
    answer = await asking(Scope.ADMIN)("/api/v1/audit")
    (entry,) = AuditAnswer.model_validate_json(answer.body).entries
    assert (entry.action, entry.status, entry.address) == ("POST /api/v1/session", 201, "192.0.2.7")
    assert entry.who.startswith("session ")


async def test_where_no_token_is_needed_one_is_this_machine(asker: Any, local_app: Any) -> None:
    session = SessionAnswer.model_validate_json((await asker(local_app)(SESSION)).body)
    assert (session.name, session.scope, session.kind) == ("this machine", Scope.READ, None)


async def test_a_token_is_made_used_listed_and_revoked(
    asker: Any, open_app: Any, asking: Callable[[Scope], Any]
) -> None:
    admin = asking(Scope.ADMIN)
    body = b'{"name": "prometheus", "scope": "read", "expires_in": "90d"}'
    made = NewTokenAnswer.model_validate_json((await admin("/api/v1/tokens", "POST", body)).body)
    assert made.expires is not None
    assert (made.expires - made.created).days == 90
    ask = asker(open_app, authorization=f"Bearer {made.token}")
    assert (await ask("/metrics")).status == 200
    listed = await admin("/api/v1/tokens")
    assert made.token.encode() not in listed.body
    assert [t.name for t in TokensAnswer.model_validate_json(listed.body).tokens] == ["admin", "prometheus"]
    assert (await admin(f"/api/v1/tokens/{made.id}", "DELETE")).status == 204
    assert (await ask("/metrics")).status == 401
    assert (await admin(f"/api/v1/tokens/{made.id}", "DELETE")).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"scope": "read"}', "name"),
        (b'{"name": "", "scope": "read"}', "name"),
        (b'{"name": "a\\nb", "scope": "read"}', "name"),
        (b'{"name": "a", "scope": "root"}', "scope"),
        (b'{"name": "a", "expires_in": "soon"}', "expires_in"),
        (b'{"name": "a", "kind": "setup"}', "kind"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(asking: Callable[[Scope], Any], body: bytes, field: str) -> None:
    answer = await asking(Scope.ADMIN)("/api/v1/tokens", "POST", body)
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


async def test_settings_are_listed_without_secrets(asking: Callable[[Scope], Any]) -> None:
    answer = await asking(Scope.ADMIN)("/api/v1/config")
    settings = {each.variable: each for each in ConfigAnswer.model_validate_json(answer.body).settings}
    assert settings["LOG_LEVEL"].value == "INFO"
    assert settings["LOG_LEVEL"].description
