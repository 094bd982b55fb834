"""Alerts by service: services that appear and disappear, and unknown values."""

from __future__ import annotations

from admin_api.alerts.board import AlertBoard
from admin_api.alerts.readings.reading import Found
from admin_api.alerts.rules import Rule
from ha_ingestor_core.clock import FakeClock


def rule(name: str, level: str = "warning") -> Rule:
    return Rule.model_validate(
        {"name": name, "watch": "lag_s", "level": level, "above": 60, "clear_after": "10s", "message": "{value} s"}
    )


def board(clock: FakeClock, *rules: Rule) -> AlertBoard:
    return AlertBoard(rules or [rule("lag")], clock)


def test_each_service_has_an_alert_of_its_own(clock: FakeClock) -> None:
    here = board(clock)
    here.take({"lag": {"a": Found(70), "b": Found(3), "c": Found(80)}})
    assert [(alert.service, alert.message) for alert in here.active] == [("a", "70 s"), ("c", "80 s")]


def test_the_most_urgent_come_first_then_the_newest(clock: FakeClock) -> None:
    here = board(clock, rule("a", "info"), rule("b", "critical"), rule("c", "critical"))
    here.take({"a": {"s": Found(70)}, "b": {"s": Found(70)}, "c": {}})
    clock.advance(1)
    here.take({"a": {"s": Found(70)}, "b": {"s": Found(70)}, "c": {"s": Found(70)}})
    assert [alert.rule for alert in here.active] == ["c", "b", "a"]


def test_a_service_that_has_disappeared_clears_its_alert(clock: FakeClock) -> None:
    here = board(clock)
    here.take({"lag": {"a": Found(70)}})
    here.take({"lag": {}})
    clock.advance(10)
    (cleared,) = here.take({"lag": {}})
    assert (cleared.service, cleared.cleared_ns, here.active) == ("a", clock.now_ns(), [])


def test_an_unknown_reading_changes_nothing(clock: FakeClock) -> None:
    here = board(clock)
    here.take({"lag": {"a": Found(70)}})
    for _ in range(10):
        clock.advance(10)
        assert here.take({"lag": None}) == []
    assert len(here.active) == 1


def test_quiet_phases_are_not_kept(clock: FakeClock) -> None:
    here = board(clock)
    here.take({"lag": {f"service {n}": Found(1) for n in range(100)}})
    assert here._watched == {}
