"""The oracle detects missing, duplicate, changed and additional events, and accepts rejected and excused ones."""

from __future__ import annotations

from random import Random

import msgspec
from enrichment_pipeline.points.point_builder import PointBuilder
from ha_ingestor_core.events import RawEvent
from ha_ingestor_store.points import EventPoint, RejectedEvent
from msgspec import Raw

from tests.faults.home import Fired, ScriptedHome
from tests.faults.oracle import judge


def a_story() -> tuple[list[Fired], list[EventPoint]]:
    """Events of a home, and their points."""
    home = ScriptedHome(Random(1), commit_s=1)
    home.set_state("sensor.a", "1", {"n": 1})
    home.set_state("sensor.a", "1", {"n": 2})
    home.house.fire("torture", {"n": 3, "entity_id": None})
    home.house.remove_state("sensor.a")
    points = [PointBuilder("home").build(RawEvent(Raw(each.body), 0)) for each in home.fired]
    return home.fired, points


def wrong(points: list[EventPoint], rejected: tuple[RejectedEvent, ...] = (), excuse: str | None = None) -> list[str]:
    """Return the first word of each error."""
    fired, _ = STORY
    return [line.split()[0] for line in judge(fired, points, rejected, lambda _: excuse).wrong]


STORY = a_story()


def test_all_that_happened_and_nothing_else_is_right() -> None:
    assert wrong(STORY[1]) == []


def test_a_missing_event_is_lost() -> None:
    assert wrong(STORY[1][1:]) == ["lost:"]


def test_a_missing_event_may_be_excused() -> None:
    assert wrong(STORY[1][1:], excuse="the disk lost it") == []


def test_a_missing_event_may_be_rejected_with_a_reason() -> None:
    fired, points = STORY
    kept = RejectedEvent("home", 0, "enrichment-pipeline", "type_conflict", "a reason", fired[0].body.decode())
    assert wrong(points[1:], (kept,)) == []
    assert wrong(points[1:], (msgspec.structs.replace(kept, message=""),)) == ["lost:"]


def test_an_event_that_is_stored_twice_is_doubled() -> None:
    assert wrong([*STORY[1], STORY[1][2]]) == ["stored"]


def test_a_point_that_nobody_sent_is_told() -> None:
    assert wrong([*STORY[1], msgspec.structs.replace(STORY[1][0], time_ns=5)]) == ["never"]


def test_a_changed_attribute_is_told() -> None:
    changed = msgspec.structs.replace(STORY[1][1], attributes='{"n":7}')
    assert wrong([STORY[1][0], changed, *STORY[1][2:]]) == ["changed:"]
