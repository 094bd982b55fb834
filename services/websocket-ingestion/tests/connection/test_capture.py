"""Capture against a scripted Home Assistant over a real socket: login, snapshot, odd frames, reconnects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType
from ha_ingestor_core.clock import SystemClock
from ha_ingestor_core.delivery import ConnectionState
from ha_ingestor_core.events import RawEvent
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from msgspec import Raw
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from structlog.testing import capture_logs
from websocket_ingestion.connection.capture import Capture, Home
from websocket_ingestion.connection.reconnect import BackoffLimits, ReconnectPolicy
from websocket_ingestion.connection.refused_token import RefusalLimits, RefusedToken
from websocket_ingestion.connection.session import Session
from websocket_ingestion.connection.socket import USUAL_TIMING, SocketTiming
from websocket_ingestion.delivery.batch_sender import BatchSender
from websocket_ingestion.delivery.forwarder import Forwarder
from websocket_ingestion.errors import ConnectionLostError
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.outcomes import Outcomes
from websocket_ingestion.gaps.plan import FillingLimits
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.spool.intake import Intake
from websocket_ingestion.spool.limits import SpoolLimits
from websocket_ingestion.spool.spool import Spool

QUICK = BackoffLimits(first_s=0.01, usual_longest_s=0.05, longest_s=0.05)


QUICK_REFUSALS = RefusalLimits(second_s=0.01, absence_s=0.0, poll_s=0.01, probe_s=0.01)


class Rig:
    """Capture and forwarding of one home, with short waits."""

    def __init__(
        self,
        home_assistant: Any,
        delivery: Any,
        sink: Any,
        folder: Path,
        *,
        token: str,
        disk_bytes: int,
        timing: SocketTiming,
    ) -> None:
        clock, self.registry, self.counters = SystemClock(), CollectorRegistry(), ServiceCounters()
        metrics = IngestionMetrics(self.registry)
        self.spool = Spool(folder, clock=clock, metrics=metrics, limits=SpoolLimits(disk_bytes=disk_bytes))
        self.policy = ReconnectPolicy(clock=clock, metrics=metrics, limits=QUICK)
        outcomes, self.sink = Outcomes(), sink
        sender = BatchSender(home="home", delivery=delivery, clock=clock, metrics=metrics, on_recovered=outcomes.note)
        intake = Intake(spool=self.spool, counters=self.counters, clock=clock, metrics=metrics)
        self.gaps = GapTracker(
            home="home",
            folder=folder.parent / "gaps",
            intake=intake,
            outcomes=outcomes,
            sink=sink,
            clock=clock,
            metrics=metrics,
            limits=FillingLimits(rest_s=0, settle_s=0, retry_s=0.01),
            tick_s=0.01,
        )
        self.forwarder = Forwarder(
            spool=self.spool, sender=sender, counters=self.counters, clock=clock, metrics=metrics
        )
        self.capture = Capture(
            home=Home(name="home", url=home_assistant.url, token=SecretStr(token), token_variable="HA_TOKEN"),
            intake=intake,
            policy=self.policy,
            metrics=metrics,
            gaps=self.gaps,
            clock=clock,
            home_clock=ServerClock(clock),
            refused_token=RefusedToken(folder.parent / "refused.json", clock, QUICK_REFUSALS),
            on_registries=self.forwarder.use_registries,
            timing=timing,
            debounce_s=0.01,
        )

    def value(self, name: str) -> float:
        return self.registry.get_sample_value(f"ha_ingestor_websocket_ingestion_{name}") or 0.0

    async def start(self) -> None:
        await self.spool.start()
        await self.gaps.start()
        await self.forwarder.start()
        await self.capture.start()

    async def stop(self) -> None:
        await self.capture.stop()
        await self.forwarder.stop(drain_s=0.2)
        await self.spool.stop()
        await self.gaps.stop()


@pytest.fixture
async def start(home_assistant: Any, delivery: Any, sink: Any, eventually: Any, tmp_path: Path) -> AsyncIterator[Any]:
    rigs: list[Rig] = []

    async def start_rig(
        *,
        token: str = "the-token",
        disk_bytes: int = 1 << 30,
        timing: SocketTiming = USUAL_TIMING,
        subscribed: bool = True,
    ) -> Rig:
        folder = tmp_path / str(len(rigs)) / "spool"
        rigs.append(Rig(home_assistant, delivery, sink, folder, token=token, disk_bytes=disk_bytes, timing=timing))
        await rigs[-1].start()
        if subscribed:
            await eventually(lambda: home_assistant.commands_of("get_states"))
        return rigs[-1]

    yield start_rig
    for rig in rigs:
        await rig.stop()


def a_state(entity_id: str, state: str, **more: Any) -> dict[str, Any]:
    moment = "2026-11-24T08:00:00.000001+00:00"
    return {"entity_id": entity_id, "state": state, "attributes": {}, "last_updated": moment, **more}


async def test_the_commands_go_in_the_order_that_leaves_no_hole(start: Any, home_assistant: Any) -> None:
    await start()
    assert [(command["id"], command["type"]) for command in home_assistant.commands] == [
        (1, "supported_features"),
        (2, "subscribe_events"),
        (3, "config/entity_registry/list"),
        (4, "config/device_registry/list"),
        (5, "config/area_registry/list"),
        (6, "config/floor_registry/list"),
        (7, "config/label_registry/list"),
        (8, "get_config"),
        (9, "get_states"),
    ]
    assert home_assistant.commands[0]["features"] == {"coalesce_messages": 1}


async def test_events_are_delivered_single_and_coalesced(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start()
    await home_assistant.send(home_assistant.event(n=0))
    await home_assistant.send(*[home_assistant.event(n=n) for n in range(1, 501)])
    await eventually(lambda: len(delivery.events) == 501)
    assert [event["data"]["n"] for event in delivery.events] == list(range(501))
    await eventually(lambda: rig.counters.totals[Counter.PROCESSED] == 501)
    assert rig.counters.totals[Counter.RECEIVED] == 501


async def test_a_burst_before_the_registries_are_there_is_delivered_without_them(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.hangs_on = {"config/entity_registry/list"}
    await start(disk_bytes=600, subscribed=False)
    await eventually(lambda: home_assistant.commands_of("config/entity_registry/list"))
    await home_assistant.send(*[home_assistant.event(n=n) for n in range(9)])
    await eventually(lambda: len(delivery.events) == 9)
    home_assistant.released.set()
    await eventually(lambda: home_assistant.commands_of("get_states"))


async def test_the_snapshot_comes_as_events_of_its_own_kind(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.states = [a_state("light.a", "on"), a_state("light.b", "off"), {"odd": 1}]
    await start()
    await eventually(lambda: len(delivery.events) == 3)
    assert delivery.events[0]["data"]["new_state"] == home_assistant.states[0]
    assert delivery.events[2] == {"odd": 1}
    assert delivery.kinds == ["snapshot"] * 3


async def test_the_first_events_name_the_registries(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.results["config/area_registry/list"] = [{"area_id": "kitchen"}]
    home_assistant.states = [a_state("light.a", "on")]
    await start()
    await eventually(lambda: delivery.events)
    assert bytes(delivery.registries[0].areas) == b'[{"area_id": "kitchen"}]'
    assert delivery.delivered[0].registry_version == delivery.registries[0].version


@pytest.mark.parametrize("kind", ["area", "floor", "label"])
async def test_changed_registries_are_fetched_once_after_a_flurry(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, kind: str
) -> None:
    await start()
    home_assistant.results["config/area_registry/list"] = [{"area_id": "attic"}]
    await home_assistant.send(*[home_assistant.event(f"{kind}_registry_updated") for _ in range(20)])
    await eventually(lambda: len(home_assistant.commands_of("config/area_registry/list")) == 2)
    await home_assistant.send(home_assistant.event(last=True))
    await eventually(lambda: delivery.events[-1:] and delivery.events[-1]["data"] == {"last": True})
    assert len(home_assistant.commands_of("config/area_registry/list")) == 2


async def test_an_older_release_without_a_registry_is_captured_all_the_same(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.refusals = {"config/area_registry/list": "unknown_command", "supported_features": "unknown_command"}
    await start()
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    assert bytes(delivery.registries[0].areas) == b"[]"


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


async def test_a_ban_is_told_as_one_and_a_token_that_was_refused_before_is_not_sent_again(
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


@pytest.mark.parametrize("kind", ["get_states", "config/entity_registry/list"])
async def test_an_answer_larger_than_a_frame_may_be_is_done_without(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("websocket_ingestion.connection.handshake.MAX_FRAME_BYTES", 50_000)
    large = [a_state("light.a", "x" * 60_000)]
    if kind == "get_states":
        home_assistant.states = large
    else:
        home_assistant.results[kind] = large
    with capture_logs() as lines:
        rig = await start(subscribed=False)
        await eventually(lambda: len(home_assistant.sockets) == 2)
        await eventually(lambda: rig.gaps.status() and home_assistant.commands_of("subscribe_events")[1:])
        await home_assistant.send(home_assistant.event(n=1))
        await eventually(lambda: delivery.events)
    assert [line["commands"] for line in lines if line["event"] == "answer_too_large"] == [[kind]]
    assert rig.policy.state is ConnectionState.CONNECTED
    assert len(home_assistant.sockets) == 2


async def test_a_frame_that_is_too_large_and_no_answer_takes_no_command_away(
    start: Any, home_assistant: Any, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start()
    monkeypatch.setattr("websocket_ingestion.connection.handshake.MAX_FRAME_BYTES", 50_000)
    await eventually(lambda: home_assistant.commands_of("get_states"))
    with capture_logs() as lines:
        await home_assistant.drop()
        # the last command of the set-up whose answer is one frame: none of them is pending any more
        await eventually(lambda: len(home_assistant.commands_of("get_states")) == 2)
        await home_assistant.send(home_assistant.event(text="x" * 60_000))
        await eventually(lambda: len(home_assistant.sockets) == 3)
    assert not [line for line in lines if line["event"] == "answer_too_large"]


async def test_a_home_assistant_that_is_away_is_waited_for(start: Any, home_assistant: Any, eventually: Any) -> None:
    await home_assistant.server.close()
    rig = await start(subscribed=False)
    await eventually(lambda: rig.policy.status()["connection_attempts"] >= 2)
    assert rig.policy.status()["last_error"].startswith(home_assistant.url)
    assert rig.capture.is_running


@pytest.mark.parametrize("text", ["no json", '{"type":"event","id":1}', '{"type":"unheard_of"}'])
async def test_a_malformed_frame_is_handed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any, text: str
) -> None:
    rig = await start()
    await home_assistant.send_text(text)
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == (json.loads(text) if text.startswith("{") else text)
    assert rig.value("odd_messages_total") == 1
    assert len(home_assistant.sockets) == 1


async def test_a_binary_frame_is_handed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    await start()
    await home_assistant.send_bytes(b"\x00\xfe")
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == "\x00\\xfe"


async def test_a_text_frame_that_is_no_text_is_handed_on_and_stops_nothing(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    await start()
    await home_assistant.send_bytes(b'{"type":"event","event":{"a":"\xff"}}', WSMsgType.TEXT)
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: len(delivery.events) == 2)
    assert delivery.events[0] == '{"type":"event","event":{"a":"\\xff"}}'


async def test_a_frame_of_20_mib_is_taken(start: Any, home_assistant: Any, delivery: Any, eventually: Any) -> None:
    await start()
    text = "é" * (10 * 1024 * 1024)
    await home_assistant.send_text(json.dumps(home_assistant.event(text=text), ensure_ascii=False))
    await eventually(lambda: delivery.events)
    assert delivery.events[0]["data"]["text"] == text
    assert len(home_assistant.sockets) == 1


async def test_an_event_that_home_assistant_lost_is_counted_and_the_states_are_fetched_again(
    start: Any, home_assistant: Any, eventually: Any
) -> None:
    rig = await start()
    error = {"code": "unknown_error", "message": "Invalid JSON in response"}
    lost = {"id": home_assistant.subscription_id, "type": "result", "success": False, "error": error}
    await home_assistant.send(lost)
    await eventually(lambda: len(home_assistant.commands_of("get_states")) == 2)
    assert rig.value("events_lost_total") == 1


async def test_a_snapshot_that_is_refused_does_not_end_the_session(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    home_assistant.refusals = {"get_states": "unknown_error"}
    await start()
    await home_assistant.send(home_assistant.event())
    await eventually(lambda: delivery.events)
    assert len(home_assistant.sockets) == 1


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
    def rig() -> Rig:
        return Rig(
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
    def rig() -> Rig:
        return Rig(
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


async def test_odd_messages_are_loud_once_a_connection(
    start: Any, home_assistant: Any, delivery: Any, eventually: Any
) -> None:
    rig = await start()
    with capture_logs() as lines:
        for _ in range(3):
            await home_assistant.send_text("no json")
        await eventually(lambda: len(delivery.events) == 3)
    levels = [line["log_level"] for line in lines if line["event"] == "unknown_message_received"]
    assert levels == ["warning", "debug", "debug"]
    assert rig.value("odd_messages_total") == 3


async def test_an_error_nobody_foresaw_is_logged_and_tried_again(
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
