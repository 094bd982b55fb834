"""`/tap`: for administrators only, and in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from admin_api.security import gate
from admin_api.security.audit import AuditLog
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile
from admin_api.stream.models import TapAnswer, TappedEvent
from admin_api.stream.tap_sessions import TapDesk
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import BackpressureError, ServiceUnavailableError
from ha_ingestor_core.filters.live_filter import LiveFilter
from ha_ingestor_store.time_range import ALWAYS
from msgspec import Raw

TAP = "/api/v1/tap"
LIGHTS = b'{"entity_id": "light.*", "domain": null, "area": ""}'


async def test_a_tap_is_opened_read_and_ended(
    asking: Callable[[Scope], Any], taps: Any, tap_desk: TapDesk, audit: AuditLog
) -> None:
    ask = asking(Scope.ADMIN)
    opened = await ask(TAP, "POST", LIGHTS)
    tap = TapAnswer.model_validate_json(opened.body)
    assert (opened.status, tap.remaining_s, taps.opened) == (201, 600, {tap.id: LiveFilter(entity_id="light.*")})
    taps.events = [Raw(b"{}")]
    reading = asyncio.create_task(ask(f"{TAP}/{tap.id}"))
    async with asyncio.timeout(5):
        await taps.taken.wait()
    assert (await ask(f"{TAP}/{tap.id}", "DELETE")).status == 204
    told = await reading
    assert (told.status, told.is_complete) == (200, True)
    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.headers["cache-control"] == "no-store"
    assert b"event: events\ndata: [{}]\n\n" in told.body
    assert told.body.endswith(b'event: end\ndata: {"reason":"closed"}\n\n')
    actions = [(entry.action, entry.status) for entry in reversed(audit.read(ALWAYS, 10).entries)]
    assert actions == [
        ("POST /api/v1/tap", 201),
        ("END /api/v1/tap/{tap_id}", 200),
        ("DELETE /api/v1/tap/{tap_id}", 204),
    ]
    begin = audit.read(ALWAYS, 10).entries[-1]
    assert begin.detail == {"filter": {"entity_id": "light.*"}, "tap_id": tap.id}
    assert begin.who.endswith("(admin)")
    assert (await ask(f"{TAP}/{tap.id}")).status == 404
    await tap_desk.stop()


@pytest.mark.parametrize("scope", [Scope.READ, Scope.OPERATE])
async def test_less_than_admin_is_refused(asking: Callable[[Scope], Any], taps: Any, scope: Scope) -> None:
    ask = asking(scope)
    for path, method in ((TAP, "POST"), (f"{TAP}/0000000000000000", "GET"), (f"{TAP}/0000000000000000", "DELETE")):
        answer = await ask(path, method, b"{}")
        assert (answer.status, answer.key) == (403, "forbidden")
    assert taps.opened == {}


async def test_this_machine_needs_a_token_too(asker: Any, local_app: Any, taps: Any) -> None:
    for path, method in ((TAP, "POST"), (f"{TAP}/0000000000000000", "GET")):
        assert (await asker(local_app)(path, method, b"{}")).status == 401
    assert taps.opened == {}


async def test_a_page_of_another_origin_opens_none(asker: Any, open_app: Any, tokens: TokenFile, taps: Any) -> None:
    """With a valid session, since the browser sends the cookie."""
    secret, _ = tokens.open_session(tokens.create("a", Scope.ADMIN)[1])
    ask = asker(open_app, cookie=f"ha_ingestor_session={secret}")
    for header in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}):
        for path, method in ((TAP, "POST"), (f"{TAP}/0000000000000000", "GET")):
            assert (await ask(path, method, b"{}", **header)).key == "foreign_origin"
    assert taps.opened == {}
    assert (await ask(TAP, "POST", b"{}", origin="http://localhost")).status == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"entity_id": "a\\u0000"}', "entity_id"),
        (b'{"area": "\\u0000"}', "area"),
        (b'{"domain": 5}', "domain"),
        (b'{"glob": "light.*"}', "glob"),
        (b'{"home": "' + b"x" * 300 + b'"}', "home"),
    ],
)
async def test_a_wrong_filter_is_a_422_that_names_it(asking: Callable[[Scope], Any], body: bytes, field: str) -> None:
    answer = await asking(Scope.ADMIN)(TAP, "POST", body)
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


@pytest.mark.parametrize(
    ("error", "status"), [(BackpressureError("4 taps are open already"), 429), (ServiceUnavailableError("away"), 503)]
)
async def test_an_error_of_the_pipeline_is_returned(
    asking: Callable[[Scope], Any], taps: Any, error: Exception, status: int
) -> None:
    taps.error = error
    assert (await asking(Scope.ADMIN)(TAP, "POST", b"{}")).status == status


async def test_a_tap_ends_with_the_access_of_its_reader(
    asker: Any,
    open_app: Any,
    tokens: TokenFile,
    tap_desk: TapDesk,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "_LOOK_AGAIN_S", 0.01)
    secret, token = tokens.create("a", Scope.ADMIN)
    ask = asker(open_app, authorization=f"Bearer {secret}")
    tap_id = (await ask(TAP, "POST", b"{}")).json["id"]
    reading = asyncio.create_task(ask(f"{TAP}/{tap_id}"))
    await asyncio.sleep(0.05)
    assert not reading.done()
    TokenFile(tokens._path.parent, clock).revoke(token.id)  # another process
    clock.advance(1)
    answer = await asyncio.wait_for(reading, 5)
    assert (answer.status, answer.is_complete) == (200, True)
    await tap_desk.stop()


def test_an_event_of_the_pipeline_has_the_documented_shape() -> None:
    """The shape in services/enrichment-pipeline/tests/taps/test_open_taps.py."""
    event = {
        "received": "2026-11-24T03:12:26.123456+00:00",
        "home": "home",
        "origin_kind": "live",
        "outcome": "filtered",
        "reason": {"key": "excluded_domain", "message": None},
        "raw": "{}",
        "is_cut": False,
        "point": None,
    }
    TappedEvent.model_validate_json(msgspec.json.encode(event))
