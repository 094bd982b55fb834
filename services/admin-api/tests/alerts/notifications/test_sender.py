"""Notifications through Apprise to a real server: when raised and cleared, retried until accepted, for every target."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from admin_api.alerts.keeper import AlertKeeper
from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.notifications.sender import AlertSender, Backoff
from admin_api.alerts.notifications.targets import body, targets_of, title
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import Rule
from admin_api.alerts.state import StateFile
from aiohttp import web
from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_store.answers import ServiceStatistics
from prometheus_client import CollectorRegistry

ALERT = Alert(
    rule="lag",
    service="websocket-ingestion",
    level=AlertLevel.WARNING,
    message="75 s behind",
    since_ns=1_800_000_000 * NS_PER_S,
    raised_ns=1_800_000_010 * NS_PER_S,
)
CLEARED = msgspec.structs.replace(ALERT, cleared_ns=1_800_003_725 * NS_PER_S)


async def nothing() -> None:
    """Discards the state of sent alerts."""


class Receiver:
    """A server that records notifications, and rejects a number of them first."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.refuses = 0
        self.hangs = False
        self.came = asyncio.Event()
        self.on_request: Callable[[], object] = lambda: None
        self.may_answer: asyncio.Event | None = None

    async def handle(self, request: web.Request) -> web.Response:
        if self.hangs:
            await asyncio.sleep(60)
        self.on_request()
        if self.may_answer is not None:
            await self.may_answer.wait()
        if self.refuses:
            self.refuses -= 1
            return web.Response(status=500)
        self.told.append(await request.json())
        self.came.set()
        return web.Response()

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            while len(self.told) < count:
                self.came.clear()
                await self.came.wait()
        return self.told


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"json://user:s3cret@127.0.0.1:{runner.addresses[0][1]}/hook"  # type: ignore[attr-defined]
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def sender(receiver: Any) -> AsyncIterator[AlertSender]:
    sender = AlertSender(
        targets_of(receiver.url),
        metrics=AlertMetrics(CollectorRegistry()),
        link_of=lambda alert: f"https://home.example/{alert.rule}",
        on_sent=nothing,
        backoff=Backoff(0.01, 0.02),
    )
    await sender.start()
    yield sender
    await sender.stop()


async def test_raised_and_cleared_alerts_are_sent(sender: AlertSender, receiver: Receiver) -> None:
    sender.send([ALERT])
    sender.send([CLEARED])
    raised, cleared = await receiver.wait_for(2)
    assert (raised["title"], raised["type"]) == ("Warning: lag (websocket-ingestion)", "warning")
    assert raised["message"].splitlines() == [
        "75 s behind",
        "Since 2027-01-15 08:00:00 UTC",
        "What to do: https://home.example/lag",
    ]
    assert (cleared["title"], cleared["type"]) == ("Over: lag (websocket-ingestion)", "success")
    assert cleared["message"].splitlines()[1] == "Since 2027-01-15 08:00:00 UTC, for 1 h 2 min"


async def test_a_rejected_notification_is_retried_until_accepted(sender: AlertSender, receiver: Receiver) -> None:
    receiver.refuses = 3
    sender.send([ALERT])
    assert len(await receiver.wait_for(1)) == 1
    assert receiver.refuses == 0
    await asyncio.sleep(0.02)
    assert sender.unsent == {}


async def test_unsent_notifications_are_sent_after_a_restart(sender: AlertSender, receiver: Any) -> None:
    (target,) = targets_of(receiver.url)
    sender.restore({target.id: [ALERT], "somebody else": [ALERT]})
    assert len(await receiver.wait_for(1)) == 1


async def test_one_target_does_not_wait_for_another(receiver: Any) -> None:
    told = asyncio.Event()

    async def note() -> None:
        told.set()

    sender = AlertSender(
        targets_of(f"json://127.0.0.1:1/nobody {receiver.url}"),
        metrics=AlertMetrics(CollectorRegistry()),
        link_of=lambda alert: None,
        on_sent=note,
        backoff=Backoff(60, 60),
    )
    await sender.start()
    sender.send([ALERT])
    await receiver.wait_for(1)
    await asyncio.wait_for(told.wait(), 10)
    await sender.stop()
    assert list(sender.unsent.values()) == [[ALERT]]


async def test_evaluation_does_not_wait_for_notifications(
    receiver: Any, alert_rules: list[Rule], store: Any, sources: Any, clock: Any, tmp_path: Path
) -> None:
    receiver.hangs = True
    keeper = AlertKeeper(
        alert_rules,
        readings=Readings(reader=store, sources=sources, data_dir=tmp_path, clock=clock),
        sink=store,
        targets=targets_of(receiver.url),
        folder=tmp_path / "alerts",
        clock=clock,
        metrics=AlertMetrics(CollectorRegistry()),
    )
    store.services = [ServiceStatistics("pipeline", {}, None, None, None, None, 75.0, clock.now_ns())]
    async with asyncio.timeout(10):
        await keeper.turn()
        await keeper.turn()
    assert len(keeper.active) == 1
    kept = (tmp_path / "alerts" / "state.json").read_text()
    assert [len(unsent) for unsent in StateFile(tmp_path / "alerts").read().unsent.values()] == [1]
    assert "s3cret" not in kept
    await keeper._sender.stop()
    keeper._lease.release()


@pytest.fixture
def make_keeper(
    receiver: Any, alert_rules: list[Rule], store: Any, sources: Any, clock: Any, tmp_path: Path
) -> Callable[[], AlertKeeper]:
    """Builds the keeper of an instance; all share one DATA_DIR, and the lag is 75 s."""
    store.services = [ServiceStatistics("pipeline", {}, None, None, None, None, 75.0, clock.now_ns())]
    return lambda: AlertKeeper(
        alert_rules,
        readings=Readings(reader=store, sources=sources, data_dir=tmp_path, clock=clock),
        sink=store,
        targets=targets_of(receiver.url),
        folder=tmp_path / "alerts",
        clock=clock,
        metrics=AlertMetrics(CollectorRegistry()),
        backoff=Backoff(0.01, 0.02),
    )


async def test_an_alert_is_saved_before_it_is_sent_and_its_sending_at_once(
    make_keeper: Callable[[], AlertKeeper], receiver: Receiver, tmp_path: Path
) -> None:
    """After a kill, an instance must send neither fewer nor more notifications."""
    kept: list[int] = []
    receiver.on_request = lambda: kept.append(sum(map(len, StateFile(tmp_path / "alerts").read().unsent.values())))
    keeper = make_keeper()
    await keeper.turn()
    await receiver.wait_for(1)
    async with asyncio.timeout(5):
        while StateFile(tmp_path / "alerts").read().unsent:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert kept == [1]
    assert len(StateFile(tmp_path / "alerts").read().active) == 1
    await keeper.stop()


async def test_an_instance_that_stops_finishes_what_it_sends_and_the_next_one_does_not_repeat_it(
    make_keeper: Callable[[], AlertKeeper], receiver: Receiver
) -> None:
    begun, may_answer = asyncio.Event(), asyncio.Event()
    receiver.on_request, receiver.may_answer = begun.set, may_answer
    first, second = make_keeper(), make_keeper()
    await first.start()
    await asyncio.wait_for(begun.wait(), 5)
    stopping = asyncio.create_task(first.stop())
    await asyncio.sleep(0)
    may_answer.set()
    await stopping
    await second.turn()
    assert second._sender.unsent == {}
    assert len(second.active) == 1
    assert len(receiver.told) == 1
    await second._sender.stop()
    second._lease.release()


async def test_a_silenced_alert_is_not_sent(
    receiver: Any, alert_rules: list[Rule], store: Any, sources: Any, clock: Any, tmp_path: Path
) -> None:
    keeper = AlertKeeper(
        alert_rules,
        readings=Readings(reader=store, sources=sources, data_dir=tmp_path, clock=clock),
        sink=store,
        targets=targets_of(receiver.url),
        folder=tmp_path / "alerts",
        clock=clock,
        metrics=AlertMetrics(CollectorRegistry()),
    )
    for lag_s, silence in ((75.0, True), (0.0, False), (0.0, False), (0.0, False), (75.0, False)):
        store.services = [ServiceStatistics("pipeline", {}, None, None, None, None, lag_s, clock.now_ns())]
        await keeper.turn()
        if silence:
            await receiver.wait_for(1)
            await keeper.silence(keeper.active[0].alert.id, 3600 * NS_PER_S)
        clock.advance(10)
    await asyncio.sleep(0.1)
    await keeper._sender.stop()
    keeper._lease.release()
    assert len(store.history) == 3
    assert len(receiver.told) == 1


async def test_no_address_is_ever_logged(sender: AlertSender, receiver: Receiver, caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.refuses = 1
    sender.send([ALERT])
    await receiver.wait_for(1)
    said = capsys.readouterr()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.")]
    everything = " ".join(ours) + said.out + said.err
    assert "notification_failed" in everything
    assert "s3cret" not in everything
    assert "/hook" not in everything


def test_a_wrong_address_is_named_by_its_position_only() -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        targets_of("json://127.0.0.1/a, nosuch://s3cret/x\nalso-none://s3cret")
    assert "ALERT_URLS: address number 2 is not supported by Apprise" in refused.value.message
    assert "number 3" in refused.value.message
    assert "s3cret" not in refused.value.message


def test_no_address_is_no_target() -> None:
    assert targets_of("  ") == []


def test_each_try_waits_longer_up_to_five_minutes() -> None:
    assert [Backoff().after(failures) for failures in (1, 2, 3, 9, 10_000)] == [2.0, 4.0, 8.0, 300.0, 300.0]


@pytest.mark.parametrize(("seconds", "told"), [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (90_000, "1 d 1 h")])
def test_the_duration_has_two_units(seconds: int, told: str) -> None:
    cleared = msgspec.structs.replace(ALERT, cleared_ns=ALERT.since_ns + seconds * NS_PER_S)
    assert body(cleared, "never").endswith(f"for {told}")
    assert title(cleared).startswith("Over")
