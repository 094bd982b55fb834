"""Events as lines, to the letter, and the points of `entities` that they name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.influx.entity_facts import facts_hash, facts_time_ns
from ha_ingestor_store.influx.schema import OWN_TEXTS
from ha_ingestor_store.influx.writing import event_encoder
from ha_ingestor_store.influx.writing.event_encoder import EventEncoder, refused_facts
from ha_ingestor_store.points import FACTS, EventPoint, Weather
from hypothesis import given
from hypothesis import strategies as st

LIGHT = "home_assistant_events,domain=light,entity_id=light.a,event_type=state_changed,home=home"


def event(**fields: Any) -> EventPoint:
    given_fields = {"domain": "light", "entity_id": "light.a", "origin": "LOCAL", **fields}
    return EventPoint("home", "state_changed", 17, **given_fields)


def line(**fields: Any) -> str:
    return EventEncoder().line(event(**fields))


def attributes_apart(encoder: EventEncoder, texts: list[str]) -> list[bool]:
    """Of events with these attributes one after the other: whether they stay with the event."""
    return ["attributes=" in encoder.line(event(attributes=text)) for text in texts]


def test_the_least_event() -> None:
    least = EventPoint("home", "started", -5, origin="LOCAL")
    assert EventEncoder().line(least) == "home_assistant_events,event_type=started,home=home count=1.0 -5"


def test_a_whole_event_and_the_facts_that_it_names() -> None:
    texts = {name: f"the {name}" for name in (*FACTS, *OWN_TEXTS)}
    encoder = EventEncoder()
    point = event(**{**texts, "value": 21.5, "removed": True, "origin_kind": OriginKind.BACKFILL})
    name = facts_hash(point.facts)
    assert encoder.line(point) == (
        f'{LIGHT} count=1.0,state="the state",value=21.5,old_state="the old_state",context_id="the context_id",'
        'data="the data",context_parent_id="the context_parent_id",context_user_id="the context_user_id",'
        f'removed=true,origin_kind="backfill",origin="the origin",facts="{name}" 17'
    )
    (new,) = encoder.new_facts
    assert new.line == (
        f'entities,entity_id=light.a,home=home facts="{name}",unit="the unit",friendly_name="the friendly_name",'
        'area="the area",device="the device",device_class="the device_class",attributes="the attributes",'
        f'floor="the floor",labels="the labels",integration="the integration" {facts_time_ns(name)}'
    )


def test_the_weather_is_no_field_of_an_event() -> None:
    assert line(state="on", weather=Weather("sunny")) == f'{LIGHT} count=1.0,state="on" 17'


def test_an_empty_text_is_written_as_it_is_and_an_origin_that_is_missing_is_named() -> None:
    assert line(state="", old_state="", origin="") == f'{LIGHT} count=1.0,state="",old_state="",origin="" 17'
    assert line(origin=None) == f'{LIGHT} count=1.0,absent="origin" 17'


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (-0.0, "-0.0"), (1e300, "1e+300"), (5e-324, "5e-324"), (0.1, "0.1"), (7.0, "7.0")]
)
def test_a_number_is_a_float_to_its_last_digit(value: float, text: str) -> None:
    assert f",value={text} " in line(value=value)


def test_a_replacing_line_says_everything_and_what_is_absent() -> None:
    assert EventEncoder().replacing_line(event(state="on", origin=None)) == (
        f'{LIGHT} count=1.0,state="on",old_state="",data="",context_id="",context_parent_id="",context_user_id="",'
        'origin="",attributes="",removed=false,origin_kind="live",'
        'absent="old_state,data,context_id,context_parent_id,context_user_id,origin,attributes,value",facts="" 17'
    )


def test_a_set_is_told_once_when_it_was_acknowledged() -> None:
    encoder = EventEncoder()
    encoder.line(event(unit="W"))
    encoder.line(event(unit="W", state="on"))
    assert len(encoder.new_facts) == 1
    encoder.acknowledged()
    encoder.line(event(unit="W"))
    assert encoder.new_facts == []


def test_a_set_without_an_acknowledgement_is_told_again() -> None:
    encoder = EventEncoder()
    encoder.line(event(unit="W"))
    told = encoder.new_facts
    encoder.forget_new()
    assert encoder.new_facts == []
    encoder.line(event(unit="W"))
    assert encoder.new_facts == told


def test_each_entity_has_points_of_its_own() -> None:
    encoder = EventEncoder()
    for entity_id in ("light.a", "light.b"):
        encoder.line(event(entity_id=entity_id, unit="W"))
    first, second = (new.line.partition(" ") for new in encoder.new_facts)
    assert first[0] != second[0]
    assert first[2] == second[2]


def test_attributes_that_change_with_every_event_stay_with_it_after_the_first_few() -> None:
    apart = attributes_apart(EventEncoder(), [f'{{"n":{n}}}' for n in range(100)])
    assert apart == [False] * 4 + [True] * 96


def test_attributes_that_repeat_are_among_the_facts() -> None:
    texts = [f'{{"n":{n // 20}}}' for n in range(400)]
    assert not any(attributes_apart(EventEncoder(), texts))


def test_attributes_that_have_settled_are_among_the_facts_again() -> None:
    encoder = EventEncoder()
    attributes_apart(encoder, [f'{{"n":{n}}}' for n in range(100)])
    assert attributes_apart(encoder, ["{}"] * 10) == [True] * 4 + [False] * 6


def test_a_failed_write_does_not_count_as_one_more_set() -> None:
    encoder = EventEncoder()
    for _ in range(50):
        assert attributes_apart(encoder, ["{}"]) == [False]
        encoder.forget_new()


def test_attributes_of_an_event_of_its_own_leave_the_rest_of_its_facts_in_place() -> None:
    encoder = EventEncoder()
    for n in range(5):
        last = encoder.line(event(unit="W", attributes=str(n)))
    rest = facts_hash(event(unit="W").facts)
    assert last == f'{LIGHT} count=1.0,attributes="4",facts="{rest}" 17'
    assert [f'facts="{rest}"' in new.line for new in encoder.new_facts] == [False] * 4 + [True]


def test_long_attributes_stay_with_the_event_that_they_may_be_the_fault_of() -> None:
    long = '{"a":"' + "x" * 20_000 + '"}'
    assert attributes_apart(EventEncoder(), [long, long]) == [True, True]


def test_an_event_that_names_refused_facts_is_found_with_and_without_its_attributes() -> None:
    point = event(unit="W", attributes="{}")
    key = point.series_key
    assert refused_facts(point, {(key, point.facts)}) == (key, point.facts)
    assert refused_facts(point, {(key, event(unit="W").facts)}) == (key, event(unit="W").facts)
    assert refused_facts(point, {(key, event().facts)}) is None


@given(st.text(min_size=1), st.text(), st.text())
def test_no_tag_ends_a_line(home: str, domain: str, entity_id: str) -> None:
    assert not re.search(r"[\n\r\x00]", EventEncoder().line(EventPoint(home, "e", 1, domain, entity_id)))


@given(st.lists(st.tuples(st.sampled_from(["light.a", "light.b", "light ü"]), st.sampled_from(["", "W", None]))))
def test_what_is_remembered_changes_no_line(events: list[tuple[str, str | None]]) -> None:
    encoder = EventEncoder()
    for entity_id, unit in events:
        point = event(entity_id=entity_id, unit=unit)
        assert encoder.line(point) == EventEncoder().line(point)


@pytest.mark.parametrize("limit", ["_SERIES_LIMIT", "_SETS_LIMIT", "_SETS_CHARACTERS"])
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(event_encoder, limit, 10)
    encoder = EventEncoder()
    for number in range(100):
        point = event(entity_id=f"light.{number}", attributes=f'{{"n":{number}}}')
        assert encoder.line(point) == EventEncoder().line(point)
    series = encoder._series.values()
    assert (len(series) if limit == "_SERIES_LIMIT" else sum(len(each.sets) for each in series)) <= 10
