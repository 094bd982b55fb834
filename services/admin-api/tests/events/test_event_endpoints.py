"""`/events`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from admin_api.events.models import Event, EventsAnswer
from ha_ingestor_store.points import EventPoint, Weather, event_id
from ha_ingestor_store.time_range import TimeRange


async def test_events_come_in_the_documented_shape(get: Any, store: Any, event: Any) -> None:
    store.events = [event(attributes='{"unit_of_measurement":"W"}', value=21.5, unit="W")]
    answer = await get("/api/v1/events")
    body = EventsAnswer.model_validate_json(answer.body)
    assert body.events[0].attributes == {"unit_of_measurement": "W"}
    assert body.events[0].id == event_id(store.events[0].series_key, store.events[0].time_ns)
    assert body.next_cursor is None


@pytest.mark.parametrize(
    "state", ["NaN", "inf", "-0.0", '"', "a\nb", "\\", "🙂", "x" * 300, "<script>", "\u2028", "\x7f", " "]
)
async def test_odd_state_comes_back_as_it_was_sent(get: Any, store: Any, event: Any, state: str) -> None:
    store.events = [event(state=state)]
    assert (await get("/api/v1/events")).json["events"][0]["state"] == state


async def test_attributes_are_embedded_as_they_came(get: Any, store: Any, event: Any) -> None:
    store.events = [event(attributes='{"a": -0.0, "b": 1e400, "c": 12345678901234567890123}')]
    assert b'"attributes":{"a": -0.0, "b": 1e400, "c": 12345678901234567890123}' in (await get("/api/v1/events")).body


async def test_negative_zero_stays_negative(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state="-0.0", value=-0.0)]
    assert b'"value":-0.0' in (await get("/api/v1/events")).body


async def test_event_tells_the_weather_of_its_time(get: Any, store: Any, event: Any) -> None:
    store.events = [event(weather=Weather("rainy", 7.5, wind_speed_kmh=-0.0)), event(ago_s=5)]
    with_weather, without = EventsAnswer.model_validate((await get("/api/v1/events")).json).events
    assert without.weather is None
    assert with_weather.weather is not None
    assert with_weather.weather.model_dump() == {
        "condition": "rainy",
        "temperature_c": 7.5,
        "humidity_percent": None,
        "pressure_hpa": None,
        "wind_speed_kmh": 0.0,
        "wind_bearing_deg": None,
    }


async def test_event_without_an_entity_has_nulls(get: Any, store: Any, clock: Any) -> None:
    store.events = [EventPoint(home="home", event_type="call_service", time_ns=clock.now_ns() - 1, data='{"x":[1]}')]
    event = EventsAnswer.model_validate((await get("/api/v1/events")).json).events[0]
    assert (event.entity_id, event.attributes, event.data) == (None, None, {"x": [1]})


async def test_pages_hold_every_event_once_newest_first(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state=str(ago), ago_s=ago) for ago in range(1, 8)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await get(f"/api/v1/events?limit=3&cursor={cursor}")).json
        seen += [event["state"] for event in page["events"]]
        cursor = page["next_cursor"]
    assert seen == ["1", "2", "3", "4", "5", "6", "7"]


async def test_filters_reach_the_store_as_they_were_given(get: Any, store: Any) -> None:
    await get(
        "/api/v1/events?entity_id=light.k%C3%BCche*&domain=light&event_type=state_changed&area=K%C3%BCche&limit=7"
    )
    (question,) = store.asked
    asked = (question.entity_id, question.domain, question.event_type, question.area, question.limit)
    assert asked == ("light.küche*", "light", "state_changed", "Küche", 7)


async def test_empty_filters_match_everything(get: Any, store: Any, event: Any) -> None:
    store.events = [event()]
    answer = await get("/api/v1/events?entity_id=&domain=&event_type=&start=&end=&cursor=")
    assert len(answer.json["events"]) == 1


async def test_event_of_a_clock_that_runs_ahead_is_among_the_newest(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=-90)]
    assert len((await get("/api/v1/events")).json["events"]) == 1


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "abc", "", "1_0", "١", "1.0", "%2010", "9" * 30, "NaN"])
async def test_an_invalid_limit_is_a_422_that_names_it(get: Any, limit: str) -> None:
    answer = await get(f"/api/v1/events?limit={quote(limit, safe='%')}")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "limit"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=yesterday", "start"),
        ("end=soon", "end"),
        ("start=2026-11-24T03:12:26Z&end=2026-11-24T03:12:26Z", "start"),
        ("cursor=nonsense", "cursor"),
        ("entity_id=li%00ght", "entity_id"),
        ("domain=li%00ght", "domain"),
        ("event_type=%00", "event_type"),
        ("area=%00", "area"),
        ("entity_id=" + "*" * 300, "entity_id"),
        ("domain=light&domain=switch", "domain"),
    ],
)
async def test_wrong_parameter_is_a_422_that_names_it(get: Any, query: str, field: str) -> None:
    answer = await get(f"/api/v1/events?{query}")
    assert (answer.status, answer.json["error"]["key"]) == (422, "invalid_input")
    assert answer.json["error"]["detail"]["field"] == field
    assert answer.json["error"]["detail"]["expected"]


async def test_an_event_is_found_by_the_id_that_the_list_tells(get: Any, store: Any, event: Any) -> None:
    store.events = [event(ago_s=1), *(event(entity_id=f"sensor.of_one_moment_{n}", ago_s=2) for n in range(120))]
    listed = (await get("/api/v1/events?limit=1000")).json["events"]
    assert len(listed) == 121
    for wanted in (listed[0], listed[1], listed[-1]):
        answer = await get(f"/api/v1/events/{wanted['id']}")
        Event.model_validate_json(answer.body)
        assert answer.json == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "0",
        "nonsense",
        "18ead0747186b3e9-8ede2666c4ac687f",
        "7fffffffffffffff-0123456789abcdef",
        "ffffffffffffffff-0123456789abcdef",
        "-8000000000000000-0123456789abcdef",
        "..",
    ],
)
async def test_an_id_of_no_event_is_a_404(get: Any, wanted: str) -> None:
    answer = await get(f"/api/v1/events/{wanted}")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")


async def test_an_id_is_asked_of_the_store_as_its_nanosecond_alone(get: Any, store: Any) -> None:
    await get("/api/v1/events/0000000000000005-0123456789abcdef")
    (question,) = store.asked
    assert question.time_range == TimeRange(5, 6)
