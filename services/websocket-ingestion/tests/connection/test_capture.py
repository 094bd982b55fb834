"""The loop that keeps a home connected: tokens, reconnects, a full spool, a stop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import ConnectionState
from ha_ingestor_core.events import RawEvent
from msgspec import Raw
from structlog.testing import capture_logs
from websocket_ingestion.connection.refused_token import RefusedToken
from websocket_ingestion.connection.session import Session
from websocket_ingestion.connection.socket import USUAL_TIMING, SocketTiming
from websocket_ingestion.errors import ConnectionLostError

from tests.websocket_ingestion.capture_rig import CaptureRig


def a_state(entity_id: str, state: str, **more: Any) -> dict[str, Any]:
    moment = "2026-11-24T08:00:00.000001+00:00"
    return {"entity_id": entity_id, "state": state, "attributes": {}, "last_updated": moment, **more}


async def test_a_wrong_token_is_auth_invalid(start: Any, home_assistant: Any, eventually: Any) -> None:
    with capture_logs() as lines:
        rig = await start(token="a wrong one", subscribed=False)
        await eventually(lambda: len(lines) >= 2)
    status = rig.policy.status()
    assert (status["state"], status["is_connected"]) == ("auth_invalid", False)
    assert "Invalid access token or password" in status["last_error"]
    assert [line["log_level"] for line in lines][:2] == ["warning", "debug"]
    assert "a wrong one" not in repr(lines)
    assert home_assistant.commands == []


async def test_a_refused_token_is_tried_twice_and_then_waits(start: Any, home_assistant: Any, eventually: Any) -> None:
    rig = await start(token="a wrong one", subscribed=False)
    await eventually(lambda: len(home_assistant.logins) == 2)
    looks = rig.policy.status()["connection_attempts"]
    await asyncio.sleep(0.3)  # thirty looks for a new token
    assert (len(home_assistant.logins), rig.policy.status()["connection_attempts"]) == (2, looks)
    assert rig.policy.state is ConnectionState.AUTH_INVALID


async def test_a_restart_does_not_try_a_refused_token_again(
    start: Any, home_assistant: Any, eventually: Any, tmp_path: Path
) -> None:
    rig = await start(token="a wrong one", subscribed=False)
    await eventually(lambda: len(home_assistant.logins) == 2)
    await rig.stop()
    again = RefusedToken(tmp_path / "0" / "refused.json", SystemClock())
    assert not again.may_try("a wrong one")
    assert again.may_try("another")
    assert "a wrong one" not in (tmp_path / "0" / "refused.json").read_text()


async def test_a_new_token_in_the_env_file_connects_without_a_restart(
    start: Any, home_assistant: Any, eventually: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("websocket_ingestion.server_clock.REFRESH_S", 0.01)
    rig = await start(token="a wrong one", subscribed=False)
    await eventually(lambda: len(home_assistant.logins) == 2)
    (tmp_path / ".env").write_text("HA_TOKEN=the-token\n")
    await eventually(lambda: rig.policy.state is ConnectionState.CONNECTED)
    await eventually(lambda: home_assistant.commands_of("get_states"))
    assert home_assistant.logins == ["a wrong one", "a wrong one", "the-token"]
    await eventually(lambda: home_assistant.rest_tokens)
    assert set(home_assistant.rest_tokens) == {"Bearer the-token"}


async def test_a_home_assistant_that_was_away_is_given_the_token_once_more(
    start: Any, home_assistant: Any, eventually: Any
) -> None:
    rig = await start(token="a wrong one", subscribed=False)
    await eventually(lambda: len(home_assistant.logins) == 2)
    home_assistant.answers_with = 502
    await eventually(lambda: home_assistant.refused > 2)
    assert rig.policy.state is ConnectionState.AUTH_INVALID
    home_assistant.answers_with = None
    await eventually(lambda: len(home_assistant.logins) == 3)


async def test_a_ban_is_reported_and_a_refused_token_is_not_sent_again(
    start: Any, home_assistant: Any, eventually: Any
) -> None:
    rig = await start(token="a wrong one", subscribed=False)
    await eventually(lambda: len(home_assistant.logins) == 2)
    home_assistant.answers_with = 403
    await eventually(lambda: rig.policy.state is ConnectionState.FORBIDDEN)
    assert "ip_bans.yaml" in rig.policy.status()["last_error"]
    assert len(home_assistant.logins) == 2


async def test_403_at_the_first_connection_is_forbidden(start: Any, home_assistant: Any, eventually: Any) -> None:
    home_assistant.answers_with = 403
    rig = await start(subscribed=False)
    await eventually(lambda: rig.policy.state is ConnectionState.FORBIDDEN)
    home_assistant.answers_with = None
    await eventually(lambda: rig.policy.state is ConnectionState.CONNECTED)


async def test_a_token_without_rights_falls_back_to_the_allow_list(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.allowed_event_types = {"state_changed", "themes_updated"}
    rig = await start()
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    assert rig.policy.status()["subscription"] == "allow-list"
    assert rig.policy.status()["event_types"] == ("state_changed", "themes_updated")


async def test_a_token_that_may_subscribe_to_nothing_says_so(start: Any, home_assistant: Any, eventually: Any) -> None:
    home_assistant.allowed_event_types = set()
    rig = await start(subscribed=False)
    await eventually(lambda: rig.policy.status()["last_error"])
    assert "state_changed" in rig.policy.status()["last_error"]
    assert rig.policy.state is ConnectionState.SUBSCRIPTION_REFUSED


async def test_after_the_server_closes_it_connects_again_and_takes_a_snapshot(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start()
    home_assistant.states = [a_state("light.a", "on")]
    await home_assistant.drop()
    await eventually(lambda: delivery.events)
    await home_assistant.send(home_assistant.event(n=2))
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.kinds == ["snapshot", "live"]
    assert rig.policy.status()["connection_attempts"] == 2
    assert rig.policy.state is ConnectionState.CONNECTED


async def test_a_home_assistant_that_is_away_is_waited_for(start: Any, home_assistant: Any, eventually: Any) -> None:
    await home_assistant.server.close()
    rig = await start(subscribed=False)
    await eventually(lambda: rig.policy.status()["connection_attempts"] >= 2)
    assert rig.policy.status()["last_error"].startswith(home_assistant.url)
    assert rig.capture.is_running


async def test_reading_pauses_while_the_spool_is_full_and_nothing_is_lost(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start(disk_bytes=2000)
    delivery.may_deliver.clear()
    for n in range(100):
        await home_assistant.send(home_assistant.event(n=n))
    await eventually(lambda: rig.spool.backpressure.waits)
    await asyncio.sleep(0.02)
    assert 10 <= rig.spool.depth + rig.spool.uncommitted <= 20
    delivery.may_deliver.set()
    await eventually(lambda: len(delivery.events) == 100)
    assert [event["data"]["n"] for event in delivery.events] == list(range(100))


async def test_what_is_spooled_is_delivered_while_home_assistant_is_away(
    home_assistant: Any, delivery: Any, sink: Any, eventually: Any, tmp_path: Path
) -> None:
    def rig() -> CaptureRig:
        return CaptureRig(
            home_assistant,
            delivery,
            sink,
            tmp_path / "spool",
            token="the-token",
            disk_bytes=1 << 30,
            timing=USUAL_TIMING,
        )

    left = rig().spool
    await left.start()
    left.put([RawEvent(Raw(b"1"), 0)])
    await left.stop()
    await home_assistant.server.close()
    away = rig()
    await away.start()
    await eventually(lambda: delivery.events == [1])
    await away.stop()


async def test_a_spool_that_is_full_at_the_start_is_delivered_before_anything_is_connected(
    home_assistant: Any, delivery: Any, sink: Any, eventually: Any, tmp_path: Path
) -> None:
    def rig() -> CaptureRig:
        return CaptureRig(
            home_assistant, delivery, sink, tmp_path / "spool", token="the-token", disk_bytes=2000, timing=USUAL_TIMING
        )

    left = rig().spool
    await left.start()
    left.put([RawEvent(Raw(b'"%b"' % (b"x" * 500)), 0) for _ in range(5)])
    await left.stop()
    full = rig()
    await full.start()
    await eventually(lambda: len(delivery.events) == 5)
    await eventually(lambda: home_assistant.commands_of("get_states"))
    await full.stop()


async def test_a_command_that_is_never_answered_ends_the_connection(
    start: Any, home_assistant: Any, eventually: Any
) -> None:
    home_assistant.ignored = {"get_states"}
    rig = await start(timing=SocketTiming(command_s=0.02))
    await eventually(lambda: len(home_assistant.sockets) >= 2)
    assert rig.value("connection_attempts_total") >= 2


async def test_a_silent_connection_is_pinged_and_stays(start: Any, home_assistant: Any, eventually: Any) -> None:
    rig = await start(timing=SocketTiming(silence_s=0.02, pong_s=0.5))
    await eventually(lambda: len(home_assistant.commands_of("ping")) >= 2)
    assert rig.policy.state is ConnectionState.CONNECTED
    assert len(home_assistant.sockets) == 1


async def test_a_half_open_connection_is_noticed(start: Any, home_assistant: Any, eventually: Any) -> None:
    home_assistant.ignored = {"ping"}
    rig = await start(timing=SocketTiming(silence_s=0.02, pong_s=0.02))
    await eventually(lambda: len(home_assistant.sockets) >= 2)
    assert rig.value("connection_attempts_total") >= 2


async def test_stopping_delivers_what_was_read(start: Any, home_assistant: Any, delivery: Any, eventually: Any) -> None:
    rig = await start()
    delivery.may_deliver.clear()
    await home_assistant.send(*[home_assistant.event(n=n) for n in range(50)])
    await eventually(lambda: rig.spool.depth == 50)
    delivery.may_deliver.set()
    await rig.stop()
    assert len(delivery.events) == 50
    assert rig.policy.state is ConnectionState.STOPPED
    assert not rig.capture.is_running


async def test_stopping_does_not_wait_for_a_server_that_hangs(start: Any, home_assistant: Any) -> None:
    home_assistant.hangs_on = {"get_states"}
    rig = await start(timing=SocketTiming(close_s=0.01))
    await asyncio.wait_for(rig.capture.stop(), 5)
    assert rig.policy.state is ConnectionState.STOPPED


async def test_an_unexpected_error_is_logged_and_retried(
    start: Any, home_assistant: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("websocket_ingestion.connection.capture.open_socket", broken)
    with capture_logs() as lines:
        rig = await start(subscribed=False)
        await eventually(lambda: rig.policy.status()["connection_attempts"] >= 2)
    assert rig.policy.status()["last_error"] == "ZeroDivisionError: a bug"
    assert "capture_failed_unexpectedly" in {line["event"] for line in lines}


async def test_a_connection_that_is_lost_while_it_is_stopped_is_not_opened_again(
    start: Any, home_assistant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = asyncio.Event()

    async def lost_when_cancelled(_: Session) -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionLostError("gone at the same moment") from None

    monkeypatch.setattr(Session, "run", lost_when_cancelled)
    rig = await start(subscribed=False)
    await asyncio.wait_for(running.wait(), 5)
    async with asyncio.timeout(5):
        await rig.capture.stop()
    assert len(home_assistant.sockets) == 1
