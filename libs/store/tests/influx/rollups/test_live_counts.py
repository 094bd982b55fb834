"""Counts in memory: exact in windows that lie wholly within the term, and nowhere claimed else."""

from __future__ import annotations

from ha_ingestor_store.influx.rollups.live_counts import LiveCounts
from ha_ingestor_store.influx.schema import COUNT, SECOND_NS
from ha_ingestor_store.points import EventPoint
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS

NOON_NS = 20_780 * DAY_NS + 12 * HOUR_NS


def event(time_ns: int, entity_id: str = "light.a") -> EventPoint:
    return EventPoint("home", "state_changed", time_ns, entity_id.partition(".")[0], entity_id)


def test_only_windows_that_begin_within_the_term_are_known() -> None:
    live = LiveCounts(NOON_NS + MINUTE_NS)
    asked = [(NOON_NS - HOUR_NS, NOON_NS + 2 * HOUR_NS)]
    assert live.whole(asked, SECOND_NS) == [(NOON_NS + MINUTE_NS, NOON_NS + 2 * HOUR_NS)]
    assert live.whole(asked, HOUR_NS) == [(NOON_NS + HOUR_NS, NOON_NS + 2 * HOUR_NS)]
    assert live.whole(asked, DAY_NS) == []


def test_what_is_tainted_is_left_to_the_server_with_all_its_windows() -> None:
    live = LiveCounts(NOON_NS)
    live.taint([(NOON_NS + 90 * SECOND_NS, NOON_NS + 91 * SECOND_NS)])
    asked = [(NOON_NS, NOON_NS + 3 * MINUTE_NS)]
    assert live.whole(asked, MINUTE_NS) == [
        (NOON_NS, NOON_NS + MINUTE_NS),
        (NOON_NS + 2 * MINUTE_NS, NOON_NS + 3 * MINUTE_NS),
    ]
    assert live.whole([(NOON_NS, NOON_NS + HOUR_NS)], HOUR_NS) == []


def test_events_are_counted_by_group_and_by_entity() -> None:
    live = LiveCounts(NOON_NS)
    live.add([event(NOON_NS), event(NOON_NS + 1, "light.b"), event(NOON_NS + SECOND_NS), event(NOON_NS, "sensor.c")])
    light, sensor = ("home", "state_changed", "light"), ("home", "state_changed", "sensor")
    assert live.by_group(SECOND_NS, NOON_NS, NOON_NS + MINUTE_NS) == {
        (NOON_NS, light): {COUNT: 2.0},
        (NOON_NS, sensor): {COUNT: 1.0},
        (NOON_NS + SECOND_NS, light): {COUNT: 1.0},
    }
    assert live.by_group(MINUTE_NS, NOON_NS, NOON_NS + MINUTE_NS)[NOON_NS, light] == {COUNT: 3.0}
    assert live.by_entity(NOON_NS, NOON_NS + HOUR_NS) == {
        (NOON_NS, (*light, "light.a")): {COUNT: 2.0},
        (NOON_NS, (*light, "light.b")): {COUNT: 1.0},
        (NOON_NS, (*sensor, "sensor.c")): {COUNT: 1.0},
    }


def test_what_is_forgotten_is_not_known_any_more() -> None:
    live = LiveCounts(NOON_NS)
    live.add([event(NOON_NS)])
    live.forget_before(NOON_NS + HOUR_NS)
    assert live.whole([(NOON_NS, NOON_NS + 2 * MINUTE_NS)], SECOND_NS) == []
    assert live.whole([(NOON_NS, NOON_NS + HOUR_NS)], HOUR_NS) == [(NOON_NS, NOON_NS + HOUR_NS)]
    assert live.by_group(SECOND_NS, NOON_NS, NOON_NS + MINUTE_NS) == {}
    live.forget_before(NOON_NS + 4 * HOUR_NS)
    assert live.whole([(NOON_NS, NOON_NS + HOUR_NS)], HOUR_NS) == []
