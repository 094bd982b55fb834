"""Rows of InfluxDB are converted into the points of the store."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.answers import HistoryPoint
from ha_ingestor_store.influx.entity_facts import NO_FACTS, FactsName
from ha_ingestor_store.influx.queries.records import (
    event_point,
    facts_name,
    history_point,
    series_key,
    weather_observation,
)
from ha_ingestor_store.influx.schema import OWN_TEXTS
from ha_ingestor_store.points import FACTS, EventPoint, Weather, WeatherObservation

TAGS = {"home": "h%25", "event_type": "state_changed", "domain": "light", "entity_id": "light.%0A"}


def test_tags_are_decoded_and_an_absent_one_is_none() -> None:
    assert series_key(TAGS) == ("h%", "state_changed", "light", "light.\n")
    assert series_key({"home": "h", "event_type": "e", "domain": "", "entity_id": None}) == ("h", "e", None, None)


def test_the_least_event_is_live_and_of_the_usual_origin() -> None:
    whole = EventPoint("h", "e", 5, origin="LOCAL", origin_kind=OriginKind.LIVE)
    assert event_point({"home": "h", "event_type": "e"}, 5) == whole


def test_every_field_is_told() -> None:
    texts: dict[str, Any] = {name: f"the {name}" for name in OWN_TEXTS}
    facts: dict[str, Any] = {name: f"the {name}" for name in FACTS}
    values = {**TAGS, **texts, "value": 3, "removed": True, "origin_kind": "backfill", "count": 1.0}
    point = event_point(values, 5, tuple(facts.values()), Weather("sunny"))
    key = ("h%", "state_changed", 5, "light", "light.\n")
    kind = OriginKind.BACKFILL
    told = EventPoint(*key, value=3.0, removed=True, origin_kind=kind, weather=Weather("sunny"), **{**facts, **texts})
    assert point == told
    assert isinstance(point.value, float)


def test_attributes_of_the_event_itself_go_before_those_of_its_facts() -> None:
    facts = tuple("{}" if name == "attributes" else None for name in FACTS)
    assert event_point(TAGS, 5, facts).attributes == "{}"
    assert event_point({**TAGS, "attributes": '{"a":1}'}, 5, facts).attributes == '{"a":1}'


@pytest.mark.parametrize("name", OWN_TEXTS)
def test_an_empty_text_is_not_an_absent_one(name: str) -> None:
    assert getattr(event_point({**TAGS, name: ""}, 5), name) == ""
    assert getattr(event_point({**TAGS, "absent": name}, 5), name) is None


def test_what_a_poorer_version_left_behind_is_not_told() -> None:
    left = {"state": "", "value": 1.0, "attributes": "", "absent": "value,state,attributes"}
    point = event_point({**TAGS, **left}, 5)
    assert (point.state, point.value, point.attributes) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "point"),
    [
        ({"state": "on"}, HistoryPoint(5, "on", None, "W")),
        ({"state": "21", "value": 21}, HistoryPoint(5, "21", 21.0, "W")),
        ({"state": ""}, HistoryPoint(5, "", None, "W")),
        ({"state": "", "value": 1.0, "absent": "state,value"}, HistoryPoint(5, None, None, "W")),
        ({}, HistoryPoint(5, None, None, "W")),
    ],
)
def test_a_state(fields: dict[str, Any], point: HistoryPoint) -> None:
    assert history_point(fields, 5, ("W", *NO_FACTS[1:])) == point


def test_an_event_without_a_hash_names_no_facts() -> None:
    assert facts_name({**TAGS, "facts": "0a"}) == FactsName("h%", "light.\n", "0a")
    assert facts_name({**TAGS, "facts": ""}) is None
    assert facts_name(TAGS) is None


def test_an_observation_holds_as_long_as_it_says() -> None:
    values = {"home": "h%25", "source": "weather.home", "condition": "sunny"}
    assert weather_observation(values, 5) == WeatherObservation("h%", "weather.home", 5, Weather("sunny"))
    holding = weather_observation({**values, "holds_ns": 60}, 5)
    assert holding is not None
    assert holding.holds_ns == 60
