"""What InfluxDB tells of a point, as points of ours."""

from __future__ import annotations

from typing import Any

import pytest
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.answers import HistoryPoint
from ha_ingestor_store.influx.reading.records import (
    event_point,
    history_point,
    series_key,
    with_empty,
)
from ha_ingestor_store.influx.schema import TEXT_FIELDS
from ha_ingestor_store.points import EventPoint

TAGS = {"home": "h%25", "event_type": "state_changed", "domain": "light", "entity_id": "light.%0A"}


def test_tags_are_decoded_and_an_absent_one_is_none() -> None:
    assert series_key(TAGS) == ("h%", "state_changed", "light", "light.\n")
    assert series_key({"home": "h", "event_type": "e", "domain": "", "entity_id": None}) == ("h", "e", None, None)


def test_the_least_event_is_live() -> None:
    assert event_point({"home": "h", "event_type": "e"}, 5) == EventPoint("h", "e", 5, origin_kind=OriginKind.LIVE)


def test_every_field_is_told() -> None:
    texts: dict[str, Any] = {name: f"the {name}" for name in TEXT_FIELDS}
    point = event_point({**TAGS, **texts, "value": 3, "removed": True, "origin_kind": "backfill", "count": 1.0}, 5)
    key = ("h%", "state_changed", 5, "light", "light.\n")
    assert point == EventPoint(*key, value=3.0, removed=True, origin_kind=OriginKind.BACKFILL, **texts)
    assert isinstance(point.value, float)


@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_an_empty_text_is_not_an_absent_one(name: str) -> None:
    assert getattr(event_point({**TAGS, "empty": name}, 5), name) == ""
    assert getattr(event_point(TAGS, 5), name) is None


def test_a_text_that_was_written_over_an_empty_one_counts() -> None:
    assert with_empty({"empty": "state,unit", "state": "on"}) == {"empty": "state,unit", "state": "on", "unit": ""}
    assert with_empty({"empty": None}) == {"empty": None}


@pytest.mark.parametrize(
    ("fields", "point"),
    [
        ({"state": "on"}, HistoryPoint(5, "on", None)),
        ({"state": "21", "value": 21, "unit": "W"}, HistoryPoint(5, "21", 21.0, "W")),
        ({"empty": "state"}, HistoryPoint(5, "", None)),
        ({"empty": "unit"}, HistoryPoint(5, None, None, "")),
        ({}, HistoryPoint(5, None, None)),
    ],
)
def test_a_state(fields: dict[str, Any], point: HistoryPoint) -> None:
    assert history_point(fields, 5) == point
