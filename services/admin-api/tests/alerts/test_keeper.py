"""The alert keeper with a store and a folder: raised, saved, written, sent, acknowledged, and by one replica only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from admin_api.alerts.keeper import AlertKeeper
from admin_api.alerts.metrics import AlertMetrics
from admin_api.alerts.readings.readings import Readings
from admin_api.alerts.rules import Rule
from admin_api.alerts.state import StateFile
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.errors import NotFoundError, StoreUnavailableError
from ha_ingestor_store.answers import ServiceStatistics
from prometheus_client import CollectorRegistry

Make = Callable[..., AlertKeeper]


@pytest.fixture
def make(alert_rules: list[Rule], store: Any, sources: Any, clock: Any, tmp_path: Path) -> Make:
    """Builds a keeper, as after a start."""

    def build(rules: list[Rule] | None = None, **options: Any) -> AlertKeeper:
        return AlertKeeper(
            alert_rules if rules is None else rules,
            readings=Readings(reader=store, sources=sources, data_dir=tmp_path, clock=clock),
            sink=store,
            targets=options.pop("targets", []),
            folder=tmp_path / "alerts",
            clock=clock,
            metrics=AlertMetrics(CollectorRegistry()),
            **options,
        )

    return build


@pytest.fixture
def lag(store: Any, clock: Any) -> Callable[[float], None]:
    """Sets the lag that websocket-ingestion reports."""

    def report(lag_s: float) -> None:
        store.services = [
            ServiceStatistics("websocket-ingestion", {}, None, None, None, None, lag_s, clock.now_ns() - NS_PER_S)
        ]

    return report


async def _end(keeper: AlertKeeper) -> None:
    """End as in a crash: the lock is released and nothing is saved."""
    await keeper._sender.stop()
    keeper._lease.release()


def _rules_and_messages(keeper: AlertKeeper) -> list[tuple[str, str]]:
    return [(shown.alert.rule, shown.alert.message) for shown in keeper.active]


async def test_an_alert_is_raised_kept_in_the_store_and_cleared(make: Make, store: Any, lag: Any, clock: Any) -> None:
    keeper = make()
    lag(75)
    await keeper.turn()
    assert _rules_and_messages(keeper) == [("lag", "websocket-ingestion is 75 s behind")]
    assert [alert.cleared_ns for alert in store.history] == [None]
    lag(40)  # between the limits nothing changes
    clock.advance(60)
    await keeper.turn()
    assert len(keeper.active) == 1
    for _ in range(3):
        lag(20)
        clock.advance(10)
        await keeper.turn()
    assert keeper.active == []
    assert [alert.cleared_ns for alert in store.history] == [None, clock.now_ns()]
    assert len({alert.id for alert in store.history}) == 1


async def test_the_message_of_an_active_alert_is_of_now(make: Make, lag: Any, store: Any) -> None:
    keeper = make()
    lag(75)
    await keeper.turn()
    lag(99)
    await keeper.turn()
    assert _rules_and_messages(keeper) == [("lag", "websocket-ingestion is 99 s behind")]
    assert len(store.history) == 1


async def test_an_alert_outlives_a_crash_and_is_not_raised_again(make: Make, store: Any, lag: Any, clock: Any) -> None:
    first = make()
    lag(75)
    await first.turn()
    await _end(first)
    clock.advance(100)
    second = make()
    await second.turn()
    assert [each.alert.since_ns for each in second.active] == [each.alert.since_ns for each in first.active]
    assert len(store.history) == 1


async def test_an_alert_whose_rule_is_gone_is_cleared_at_the_start(make: Make, store: Any, lag: Any) -> None:
    first = make()
    lag(75)
    await first.turn()
    await _end(first)
    second = make(rules=[])
    await second.turn()
    assert second.active == []
    assert store.history[-1].cleared_ns is not None


async def test_unwritten_alerts_are_written_when_the_store_is_back(
    make: Make, store: Any, lag: Any, clock: Any, alert_rules: list[Rule], tmp_path: Path
) -> None:
    alert_rules.append(
        Rule.model_validate(
            {"name": "store", "watch": "store_unreachable_s", "level": "critical", "above": 15, "message": "{value} s"}
        )
    )
    first = make()
    store.error = StoreUnavailableError("away")
    for _ in range(3):
        await first.turn()
        clock.advance(10)
    assert _rules_and_messages(first) == [("store", "20 s")]
    assert store.history == []
    await _end(first)
    assert [alert.rule for alert in StateFile(tmp_path / "alerts").read().unwritten] == ["store"]
    second = make()
    store.error = None
    await second.turn()
    assert [alert.rule for alert in store.history] == ["store"]
    assert StateFile(tmp_path / "alerts").read().unwritten == []


async def test_an_acknowledgement_and_a_silence_outlive_a_restart(make: Make, lag: Any, clock: Any) -> None:
    first = make()
    lag(75)
    await first.turn()
    alert_id = first.active[0].alert.id
    acknowledged = await first.acknowledge(alert_id, "me")
    silenced = await first.silence(alert_id, 3600 * NS_PER_S)
    assert acknowledged.acknowledged_ns == clock.now_ns()
    await _end(first)
    second = make()
    await second.turn()
    (kept,) = second.active
    assert (kept.acknowledged_ns, kept.acknowledged_by) == (silenced.acknowledged_ns, "me")
    assert kept.silenced_until_ns == silenced.silenced_until_ns
    clock.advance(3600)
    await second.turn()
    assert (second.active[0].silenced_until_ns, second.active[0].acknowledged_ns) == (None, silenced.acknowledged_ns)


async def test_an_acknowledgement_ends_with_its_alert_and_a_silence_does_not(make: Make, lag: Any, clock: Any) -> None:
    keeper = make()
    lag(75)
    await keeper.turn()
    alert_id = keeper.active[0].alert.id
    await keeper.acknowledge(alert_id, "me")
    await keeper.silence(alert_id, 3600 * NS_PER_S)
    for value in (0, 0, 0, 75):
        lag(value)
        clock.advance(10)
        await keeper.turn()
    assert keeper.active[0].alert.id != alert_id
    assert keeper.active[0].acknowledged_ns is None
    assert keeper.active[0].silenced_until_ns is not None


async def test_a_silence_can_be_ended(make: Make, lag: Any) -> None:
    keeper = make()
    lag(75)
    await keeper.turn()
    alert_id = keeper.active[0].alert.id
    await keeper.silence(alert_id, 3600 * NS_PER_S)
    assert (await keeper.silence(alert_id, None)).silenced_until_ns is None


async def test_what_is_not_active_can_not_be_acknowledged(make: Make) -> None:
    with pytest.raises(NotFoundError):
        await make().acknowledge("0-0", "me")


async def test_of_two_replicas_one_evaluates_and_both_show_and_mark(make: Make, store: Any, lag: Any) -> None:
    leads, follows = make(), make()
    lag(75)
    await leads.turn()
    await follows.turn()
    assert follows.active == leads.active != []
    assert len(store.history) == 1
    await follows.acknowledge(follows.active[0].alert.id, "me")
    await leads.turn()
    assert leads.active[0].acknowledged_ns is not None
    await _end(leads)
    await follows.turn()
    assert len(follows.active) == 1
    assert len({alert.id for alert in store.history}) == 1


async def test_what_another_instance_has_just_raised_can_be_acknowledged(make: Make, lag: Any) -> None:
    leads, follows = make(), make()
    lag(75)
    await leads.turn()
    assert follows.active == []
    assert (await follows.acknowledge(leads.active[0].alert.id, "me")).acknowledged_by == "me"
    await leads._look_at_marks()
    assert leads.active[0].acknowledged_by == "me"
    await _end(leads)


async def test_an_instance_without_evaluation_does_not_evaluate(make: Make, lag: Any) -> None:
    keeper = make(evaluates=False)
    lag(75)
    await keeper.turn()
    assert keeper.active == []


async def test_changes_are_published_once(make: Make, lag: Any) -> None:
    keeper = make()
    told: list[int] = []
    keeper.on_change = lambda shown: told.append(len(shown))
    lag(75)
    await keeper.turn()
    await keeper.turn()
    await keeper.acknowledge(keeper.active[0].alert.id, "me")
    assert told == [1, 1]


async def test_without_a_disk_alerts_go_on(make: Make, lag: Any, tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("no folder")
    keeper = make()
    lag(75)
    await keeper.turn()
    assert len(keeper.active) == 1


async def test_a_damaged_state_is_replaced(make: Make, lag: Any, tmp_path: Path) -> None:
    (tmp_path / "alerts").mkdir()
    (tmp_path / "alerts" / "state.json").write_bytes(b"\x00{")
    keeper = make()
    lag(75)
    await keeper.turn()
    assert len(keeper.active) == 1


async def test_an_unexpected_error_does_not_end_the_evaluation(make: Make, lag: Any, monkeypatch: Any) -> None:
    keeper = make()
    lag(75)
    with monkeypatch.context() as patched:
        patched.setattr(keeper._board, "take", lambda readings: 1 / 0)
        await keeper.turn()
    await keeper.turn()
    assert len(keeper.active) == 1


async def test_an_acknowledgement_is_kept_in_the_history(make: Make, store: Any, lag: Any, clock: Any) -> None:
    keeper = make()
    lag(75)
    await keeper.turn()
    raised_ns = clock.now_ns()
    clock.advance(5)
    await keeper.acknowledge(keeper.active[0].alert.id, "phone")
    acknowledged_ns = clock.now_ns()
    for _ in range(4):
        lag(20)
        clock.advance(10)
        await keeper.turn()
    versions = [(alert.acknowledged_by, alert.acknowledged_ns, alert.cleared_ns) for alert in store.history]
    assert versions == [
        (None, None, None),
        ("phone", acknowledged_ns, None),
        ("phone", acknowledged_ns, clock.now_ns() - 10 * NS_PER_S),
    ]
    assert raised_ns < acknowledged_ns


async def test_an_alert_that_clears_at_the_next_evaluation_has_its_acknowledgement(
    make: Make, alert_rules: list[Rule], store: Any, lag: Any, clock: Any
) -> None:
    at_once = [rule.model_copy(update={"clear_after_s": 0}) for rule in alert_rules]
    keeper = make(at_once)
    lag(75)
    await keeper.turn()
    await keeper.acknowledge(keeper.active[0].alert.id, "phone")
    lag(0)
    clock.advance(10)
    await keeper.turn()
    assert keeper.active == []
    assert store.history[-1].acknowledged_by == "phone"
