"""From a captured event to a point."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest
from enrichment_pipeline.points.point_builder import PointBuilder
from enrichment_pipeline.points.registries import EntityFacts
from enrichment_pipeline.validation.decode_errors import InvalidEventError
from enrichment_pipeline.weather.home_weather import HomeWeather
from ha_ingestor_core.clock import ns_to_rfc3339
from ha_ingestor_core.events import OriginKind, RawEvent
from ha_ingestor_store.points import EventPoint, Weather
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

Change = Callable[..., dict[str, Any]]
FACTS = {"sensor.kitchen": EntityFacts(name="Registry", area="Küche", device="Probe", device_class="temperature")}


def _point(
    event: Any, entities: dict[str, EntityFacts] | None = None, kind: OriginKind = OriginKind.LIVE
) -> EventPoint:
    raw = RawEvent(event=Raw(json.dumps(event).encode()), received_ns=0, kind=kind)
    return PointBuilder("home", entities=entities or {}).build(raw)


def _other(event_type: str = "call_service", data: Any = None, **rest: Any) -> dict[str, Any]:
    event = {"event_type": event_type, "time_fired": "2026-11-23T08:07:54.5+00:00", "origin": "LOCAL", **rest}
    return event if data is None else event | {"data": data}


def test_a_state_change_has_every_field(change: Change) -> None:
    attributes = {"friendly_name": "Own", "unit_of_measurement": "°C", "device_class": "own"}
    event = change(attributes=attributes)
    point = _point(event, FACTS)
    assert (point.home, point.event_type, point.domain, point.entity_id) == (
        "home",
        "state_changed",
        "sensor",
        "sensor.kitchen",
    )
    assert (point.state, point.value, point.old_state, point.unit) == ("21.5", 21.5, "20", "°C")
    assert (point.friendly_name, point.area, point.device, point.device_class) == ("Own", "Küche", "Probe", "own")
    assert (point.context_id, point.context_parent_id, point.context_user_id) == ("c1", None, "u1")
    assert (point.origin, point.origin_kind, point.removed, point.data) == ("LOCAL", OriginKind.LIVE, False, None)
    assert json.loads(point.attributes or "") == attributes


def test_every_value_is_in_its_own_field(change: Change) -> None:
    facts = EntityFacts("name", "area", "device", "class", "floor", '["label"]', "integration")
    weather = HomeWeather("cabin", max_age_ns=1)
    event = change(
        new={"context": {"id": "c", "parent_id": "p", "user_id": "u"}}, attributes={"unit_of_measurement": "W"}
    )
    time_ns = _point(event).time_ns
    weather.add("weather.home", time_ns, Weather("sunny"))
    raw = RawEvent(event=Raw(json.dumps(event).encode()), received_ns=0, kind=OriginKind.SNAPSHOT)
    assert PointBuilder("cabin", entities={"sensor.kitchen": facts}, weather=weather).build(raw) == EventPoint(
        home="cabin",
        event_type="state_changed",
        time_ns=time_ns,
        domain="sensor",
        entity_id="sensor.kitchen",
        state="21.5",
        value=21.5,
        old_state="20",
        unit="W",
        friendly_name="name",
        area="area",
        device="device",
        device_class="class",
        attributes='{"unit_of_measurement": "W"}',
        context_id="c",
        context_parent_id="p",
        context_user_id="u",
        origin="LOCAL",
        origin_kind=OriginKind.SNAPSHOT,
        weather=Weather("sunny"),
        floor="floor",
        labels='["label"]',
        integration="integration",
    )


def test_the_registry_fills_in_what_attributes_leave_out(change: Change) -> None:
    point = _point(change(), FACTS)
    assert (point.friendly_name, point.device_class) == ("Registry", "temperature")


def test_the_time_is_last_updated_and_the_digits_tell_the_state(change: Change) -> None:
    point = _point(change(new={"last_updated": "2026-11-23T09:07:54.000001+01:00"}, time_fired="2026-01-01T00:00:00Z"))
    assert ns_to_rfc3339(point.time_ns) == "2026-11-23T08:07:54.000001+00:00"
    assert point.time_ns % 1000 == crc32(b"21.5") % 1000


def test_the_key_is_the_same_live_from_a_snapshot_and_from_history(change: Change) -> None:
    live = change()
    known = {key: live["data"]["new_state"][key] for key in ("entity_id", "state", "last_updated")}
    data = {"entity_id": "sensor.kitchen", "new_state": known}
    other = {"event_type": "state_changed", "time_fired": "2026-12-24T00:00:00Z", "data": data}
    points = [_point(live, FACTS), _point(other, kind=OriginKind.SNAPSHOT), _point(other, kind=OriginKind.BACKFILL)]
    assert len({(point.series_key, point.time_ns) for point in points}) == 1


def test_a_snapshot_has_no_old_state(change: Change) -> None:
    event = change()
    del event["data"]["old_state"]
    point = _point(event, kind=OriginKind.SNAPSHOT)
    assert (point.old_state, point.origin_kind) == (None, OriginKind.SNAPSHOT)


def test_the_context_is_the_states_own_else_the_events(change: Change) -> None:
    event = change(new={"context": {"id": "state"}}, context={"id": "event"})
    assert _point(event).context_id == "state"
    assert _point(change(new={"context": None}, context={"id": "event"})).context_id == "event"


def test_an_added_entity_has_no_old_state(change: Change) -> None:
    event = change()
    event["data"]["old_state"] = None
    assert _point(event).old_state is None


def test_an_empty_old_state_is_kept(change: Change) -> None:
    event = change()
    event["data"]["old_state"] = {"state": ""}
    assert _point(event).old_state == ""


def test_a_removal_has_the_time_it_was_fired(change: Change) -> None:
    event = change(time_fired="2026-11-23T08:07:55Z")
    event["data"]["new_state"] = None
    point = _point(event, FACTS)
    assert (point.removed, point.state, point.value, point.old_state) == (True, None, None, "20")
    assert (point.area, point.friendly_name) == ("Küche", "Registry")
    assert ns_to_rfc3339(point.time_ns) == "2026-11-23T08:07:55.000000+00:00"


def test_another_event_keeps_its_data_as_it_came() -> None:
    raw = RawEvent(
        event=Raw(b'{"event_type":"x","time_fired":"2026-11-23T08:07:54Z","data": { "a" : [1e999, "\\u00e9"] }}'),
        received_ns=0,
    )
    point = PointBuilder("home").build(raw)
    assert point.data == '{ "a" : [1e999, "\\u00e9"] }'
    assert (point.entity_id, point.domain, point.state, point.attributes) == (None, None, None, None)


@pytest.mark.parametrize(
    ("data", "entity_id", "domain"),
    [
        ({"domain": "light", "service": "toggle"}, None, "light"),
        ({"entity_id": "image.door", "domain": "x"}, "image.door", "image"),
        ({"entity_id": ["a.b"], "domain": 5}, None, None),
        ({"entity_id": ""}, None, None),
        ({"entity_id": "nodot", "domain": "light"}, "nodot", "light"),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_entity_and_domain_of_other_events(data: Any, entity_id: str | None, domain: str | None) -> None:
    point = _point(_other(data=data))
    assert (point.entity_id, point.domain) == (entity_id, domain)


def test_another_event_of_a_known_entity_has_its_area() -> None:
    assert _point(_other(data={"entity_id": "sensor.kitchen"}), FACTS).area == "Küche"


def test_null_data_is_no_data() -> None:
    assert _point(_other() | {"data": None}).data is None


@pytest.mark.parametrize("data", [[], "x", 3])
def test_data_that_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(InvalidEventError, match=r"^data must be an object"):
        _point(_other(data=data))


def test_events_of_one_microsecond_differ_by_context_and_data() -> None:
    times = {
        _point(_other(data={"n": n}, context={"id": context})).time_ns
        for n in range(3)
        for context in ("c1", "c2", "c3")
    }
    assert len(times) == 9


def test_restored_states_are_left_as_they_are(change: Change) -> None:
    point = _point(change(state="unavailable", attributes={"restored": True}))
    assert (point.state, point.value) == ("unavailable", None)


ODD_STATES = ["", "NaN", "inf", "-0.0", "'", '"', "a\nb", "back\\", "🏠", "\x00", "x" * 300, "١٢", "\u2028"]


@pytest.mark.parametrize("state", ODD_STATES)
def test_odd_states_are_stored_as_they_came(change: Change, state: str) -> None:
    assert _point(change(state=state)).state == state


_any_text = st.text(st.characters(exclude_categories=["Cs"]))


@given(state=_any_text, entity_id=_any_text.filter(bool), name=_any_text, old=_any_text)
def test_any_text_comes_back(state: str, entity_id: str, name: str, old: str) -> None:
    new = {"entity_id": entity_id, "state": state, "attributes": {"friendly_name": name}}
    new["last_updated"] = "2026-11-23T08:07:54Z"
    data = {"entity_id": entity_id, "old_state": {"state": old}, "new_state": new}
    point = _point({"event_type": "state_changed", "time_fired": "2026-11-23T08:07:54Z", "data": data})
    assert (point.state, point.entity_id, point.old_state) == (state, entity_id, old)
    assert json.loads(point.attributes or "") == {"friendly_name": name}
    assert point.friendly_name == (name or None)


def test_attributes_of_100_kb_come_back(change: Change) -> None:
    attributes = {"forecast": [{"n": n, "text": "é" * 40} for n in range(1500)]}
    point = _point(change(attributes=attributes))
    assert len(point.attributes or "") > 100_000
    assert json.loads(point.attributes or "") == attributes
