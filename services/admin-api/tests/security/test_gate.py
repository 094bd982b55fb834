"""The gate: limits of bodies, answers that end with the access, and an audit entry for every change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from admin_api.http.middleware import SECURITY_HEADERS
from admin_api.security import gate
from admin_api.security.audit import AuditLog
from admin_api.security.scopes import Scope
from admin_api.security.token_file import TokenFile
from ha_ingestor_core.clock import FakeClock
from ha_ingestor_core.errors import ServiceUnavailableError, StoreUnavailableError, UnexpectedError
from ha_ingestor_store.time_range import ALWAYS

FILTERS = "/api/v1/filters"


async def test_a_body_with_too_large_a_content_length_is_not_read(asking: Callable[[Scope], Any]) -> None:
    for length in (str(gate.MAX_BODY_BYTES + 1), "9" * 30, "-1", "x"):
        answer = await asking(Scope.ADMIN)(FILTERS, "PUT", content_length=length)
        assert (answer.status, answer.key) == (413, "request_entity_too_large")


async def test_nor_one_that_only_turns_out_so(asking: Callable[[Scope], Any]) -> None:
    chunks = [b"x" * 1024 * 1024] * 3
    answer = await asking(Scope.ADMIN)(FILTERS, "PUT", chunks=chunks)
    assert (answer.status, answer.key) == (413, "request_entity_too_large")


async def test_the_longest_filters_pass(asking: Callable[[Scope], Any]) -> None:
    entries = ",".join(f'"{"a" * 240}{n:04}_b.c"' for n in range(1000))
    body = f'{{"include": {{"entities": [{entries}]}}, "exclude": {{"entities": [{entries}]}}}}'.encode()
    assert (await asking(Scope.ADMIN)(FILTERS, "PUT", body)).status == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/stats", "/api/v1/none", "/metrics", "/none"])
async def test_every_answer_has_the_security_headers(asker: Any, local_app: Any, open_app: Any, path: str) -> None:
    for ask in (asker(local_app), asker(open_app), asker(local_app, host="evil.example")):
        headers = (await ask(path)).headers
        for name, value in SECURITY_HEADERS:
            assert headers[name.decode()] == value.decode()
        assert "unsafe" not in headers["content-security-policy"]


async def test_every_change_is_written_down(asking: Callable[[Scope], Any], audit: AuditLog) -> None:
    operate, read = asking(Scope.OPERATE), asking(Scope.READ)
    body = b'{"exclude": {"domains": ["automation"]}}'
    await operate(FILTERS, "PUT", body)
    await operate(FILTERS)
    await operate("/api/v1/rejected/some-id/replay", "POST")
    await operate(FILTERS, "PUT", b'{"exclude": 1}')
    await read(FILTERS, "PUT", body)
    refused, replayed, changed = audit.read(ALWAYS, 10).entries
    assert [entry.action for entry in (changed, replayed)] == [
        "PUT /api/v1/filters",
        "POST /api/v1/rejected/{rejected_id}/replay",
    ]
    assert (changed.status, replayed.status, refused.status) == (200, 200, 422)
    assert changed.detail["filters"]["exclude"]["domains"] == ["automation"]
    assert replayed.detail == {"rejected_id": "some-id"}
    assert changed.address == "192.0.2.7"
    assert changed.who.endswith("(operate)")


async def test_strangers_cannot_fill_the_audit_log(asker: Any, open_app: Any, audit: AuditLog) -> None:
    await asker(open_app)(FILTERS, "PUT", b"{}")
    await asker(open_app)("/api/v1/session", "POST", b'{"token": "hai_guess"}')
    assert audit.read(ALWAYS, 10).entries == []


async def test_a_stream_ends_when_its_token_is_revoked(
    asker: Any, open_app: Any, stream: Any, tokens: TokenFile, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_LOOK_AGAIN_S", 0.01)
    secret, token = tokens.create("a", Scope.READ)
    await stream.start()
    ask = asker(open_app, authorization=f"Bearer {secret}")
    listening = asyncio.create_task(ask("/api/v1/stream"))
    await asyncio.sleep(0.1)
    assert not listening.done()
    TokenFile(tokens._path.parent, clock).revoke(token.id)  # another process
    clock.advance(1)
    answer = await asyncio.wait_for(listening, 5)
    assert (answer.status, answer.is_complete) == (200, True)
    await stream.stop()


async def test_an_error_of_another_service_is_returned_without_its_message(
    asking: Callable[[Scope], Any], replay: Any
) -> None:
    replay.end = UnexpectedError("KeyError: '/secret/path'")
    answer = await asking(Scope.ADMIN)("/api/v1/rejected/x/replay", "POST")
    assert (answer.status, answer.key) == (500, "internal_error")
    assert b"secret" not in answer.body


async def test_unauthenticated_clients_get_not_ready_without_the_reason(
    asker: Any, open_app: Any, asking: Callable[[Scope], Any], store: Any, ingestion: Any, enrichment: Any
) -> None:
    store.error = StoreUnavailableError("http://influxdb.secret:8086 did not answer")
    ingestion.answer = enrichment.answer = ServiceUnavailableError("http://pipeline.secret:8002 did not answer")
    ready = "/api/v1/health/ready"
    stranger, known = await asker(open_app)(ready), await asking(Scope.READ)(ready)
    assert (stranger.status, stranger.headers["retry-after"], stranger.is_complete) == (503, "1", True)
    assert stranger.json["error"]["message"] == "Temporarily unavailable. Sign in for details"
    assert b"secret" not in stranger.body
    assert b"secret" in known.body
    assert int(stranger.headers["content-length"]) == len(stranger.body)


async def test_no_websocket_passes(local_app: Any) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await local_app({"type": "websocket", "path": "/", "headers": []}, asyncio.Event().wait, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_a_body_that_does_not_end_is_given_up(
    open_app: Any, secret_of: Callable[[Scope], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "BODY_LIMIT_S", 0.1)
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {secret_of(Scope.ADMIN)}".encode())]
    scope = {"type": "http", "method": "PUT", "path": FILTERS, "query_string": b"", "root_path": "", "scheme": "http"}
    await open_app({**scope, "headers": headers, "client": ("192.0.2.7", 1), "server": ("x", 80)}, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
