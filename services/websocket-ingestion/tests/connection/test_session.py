"""A session over a fake connection: what ends it, and what it makes of frames."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ha_ingestor_core.clock import Clock, FakeClock
from ha_ingestor_core.events import Registries
from msgspec import Raw
from prometheus_client import CollectorRegistry
from websocket_ingestion.connection.protocol import Frame
from websocket_ingestion.connection.session import Session, SessionParts
from websocket_ingestion.connection.subscription import ALLOWED_EVENT_TYPES, Subscription
from websocket_ingestion.errors import CommandRefusedError, ConnectionLostError, SubscriptionRefusedError
from websocket_ingestion.gaps.gap_tracker import GapTracker
from websocket_ingestion.gaps.state_check import StateCheck
from websocket_ingestion.messages import CommandError, Message
from websocket_ingestion.metrics import IngestionMetrics
from websocket_ingestion.server_clock import ServerClock
from websocket_ingestion.spool.intake import Intake


class FakeConnection:
    """Answers every command, and reads nothing until it is ended."""

    ha_version = "2026.11.0"

    def __init__(self) -> None:
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, CommandError] = {}
        self.allowed: set[str] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def command(self, kind: str, **fields: Any) -> Message:
        self.commands.append((kind, fields))
        refusal = self.refusals.get(kind)
        if kind == "subscribe_events" and self.allowed is not None and fields.get("event_type") not in self.allowed:
            refusal = CommandError("unauthorized", "Unauthorized")
        if refusal is not None:
            raise CommandRefusedError(kind, refusal.code, refusal.message)
        return Message(success=True, result=Raw(b"[]"))

    async def first_event(self, kind: str, **fields: Any) -> Raw:
        await self.command(kind, **fields)
        return Raw(b"{}")

    async def read(self, sink: Any) -> None:
        await asyncio.shield(self.ended)

    async def watch_silence(self) -> None:
        await asyncio.Event().wait()


class Rig:
    def __init__(
        self, connection: FakeConnection, intake: Intake, metrics: IngestionMetrics, gaps: GapTracker, clock: Clock
    ) -> None:
        self.connection = connection
        self.subscriptions: list[Subscription] = []
        self.registries: list[Registries | None] = []
        self.session = Session(
            connection,
            SessionParts(
                home="home",
                intake=intake,
                metrics=metrics,
                gaps=gaps,
                clock=clock,
                home_clock=ServerClock(clock),
                states=StateCheck(gaps=gaps, home_clock=ServerClock(clock), metrics=metrics),
                on_registries=self.registries.append,
                debounce_s=0,
            ),
            on_subscribed=self.subscriptions.append,
        )


@pytest.fixture
async def rig(intake: Intake, metrics: IngestionMetrics, gaps: GapTracker, clock: FakeClock) -> Rig:
    return Rig(FakeConnection(), intake, metrics, gaps, clock)


async def test_the_end_of_the_connection_ends_the_session_with_its_reason(rig: Rig) -> None:
    rig.connection.ended.set_exception(ConnectionLostError("gone"))
    with pytest.raises(ConnectionLostError, match="gone"):
        await rig.session.run()


async def test_a_bug_is_not_hidden_behind_a_lost_connection(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(rig.connection, "watch_silence", broken)
    rig.connection.ended.set_exception(ConnectionLostError("gone"))
    with pytest.raises(ZeroDivisionError):
        await rig.session.run()


async def test_cancelling_a_session_is_no_error_of_the_connection(rig: Rig, eventually: Any) -> None:
    running = asyncio.create_task(rig.session.run())
    await eventually(lambda: ("get_states", {}) in rig.connection.commands)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.subscriptions == [Subscription()]
    assert len(rig.registries) == 1


async def test_unauthorized_tries_every_event_type_of_the_allow_list(rig: Rig, eventually: Any) -> None:
    rig.connection.allowed = {"state_changed"}
    running = asyncio.create_task(rig.session.run())
    await eventually(lambda: rig.subscriptions)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    tried = [fields.get("event_type") for kind, fields in rig.connection.commands if kind == "subscribe_events"]
    assert tried == [None, *ALLOWED_EVENT_TYPES]
    assert rig.subscriptions == [Subscription(("state_changed",))]


async def test_another_refusal_of_the_subscription_is_no_matter_of_the_token(rig: Rig) -> None:
    rig.connection.refusals["subscribe_events"] = CommandError("unknown_error", "broken")
    with pytest.raises(CommandRefusedError, match="broken"):
        await rig.session.run()


async def test_a_token_that_may_not_receive_state_changes_is_not_connected(rig: Rig) -> None:
    rig.connection.allowed = {"themes_updated", "component_loaded"}
    with pytest.raises(SubscriptionRefusedError, match="state_changed"):
        await rig.session.run()
    assert rig.subscriptions == []


async def test_a_token_that_may_subscribe_to_nothing_needs_a_person(rig: Rig) -> None:
    rig.connection.allowed = set()
    with pytest.raises(SubscriptionRefusedError):
        await rig.session.run()


async def test_successful_results_without_a_waiter_are_ignored(rig: Rig, registry: CollectorRegistry) -> None:
    rig.session.accept(Frame([], [Message(type="result", id=9, success=True), Message(type="pong", id=9)]))
    assert registry.get_sample_value("ha_ingestor_websocket_ingestion_events_lost_total") == 0
