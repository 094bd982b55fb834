"""`/entities`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from admin_api.events.models import BusiestAnswer, EntitiesAnswer, EntityAnswer, HistoryAnswer, SilentAnswer
from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_store.answers import EntityCount, KnownEntity, WindowPoint
from ha_ingestor_store.time_range import DAY_NS


async def test_history_is_oldest_first_over_the_last_day(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state="2", ago_s=1), event(state="1", ago_s=86_000), event(state="0", ago_s=86_401)]
    answer = await get("/api/v1/entities/sensor.power/history")
    body = HistoryAnswer.model_validate_json(answer.body)
    assert [point["state"] for point in answer.json["points"]] == ["1", "2"]
    assert body.entity_id == "sensor.power"


async def test_history_pages_hold_every_state_once(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state=str(ago), ago_s=ago) for ago in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await get(f"/api/v1/entities/sensor.power/history?limit=2&cursor={cursor}")).json
        seen += [point["state"] for point in page["points"]]
        cursor = page["next_cursor"]
    assert seen == ["4", "3", "2", "1", "0"]


async def test_each_point_has_the_unit_of_its_time(get: Any, store: Any, event: Any) -> None:
    store.events = [event(state="20", unit="°C", ago_s=2), event(state="68", unit="°F", ago_s=1)]
    answer = await get("/api/v1/entities/sensor.power/history")
    assert [(point["state"], point["unit"]) for point in answer.json["points"]] == [("20", "°C"), ("68", "°F")]


async def test_history_of_an_entity_of_several_homes_needs_a_home(get: Any, store: Any) -> None:
    store.homes_of_entities = {"sensor.power": ["cabin", "home"]}
    answer = await get("/api/v1/entities/sensor.power/history")
    assert answer.status == 422
    assert answer.json["error"]["detail"]["field"] == "home"
    assert "cabin, home" in answer.json["error"]["message"]
    assert (await get("/api/v1/entities/sensor.power/history?home=cabin")).json["home"] == "cabin"
    assert store.asked[-1].home == "cabin"


async def test_a_lone_home_is_not_asked_for(get: Any, store: Any) -> None:
    store.homes_of_entities = {"sensor.power": ["cabin"]}
    assert (await get("/api/v1/entities/sensor.power/history")).json["home"] == "cabin"


async def test_a_cursor_keeps_the_home_of_its_page(get: Any, store: Any, event: Any) -> None:
    store.homes_of_entities = {"sensor.power": ["cabin", "home"]}
    store.events = [event(state=str(ago), ago_s=ago) for ago in range(3)]
    first = await get("/api/v1/entities/sensor.power/history?limit=2&home=cabin")
    cursor = first.json["next_cursor"]
    rest = await get(f"/api/v1/entities/sensor.power/history?limit=2&cursor={cursor}")
    assert (rest.status, rest.json["home"], len(rest.json["points"])) == (200, "cabin", 1)
    other = await get(f"/api/v1/entities/sensor.power/history?home=home&cursor={cursor}")
    assert (other.status, other.json["error"]["detail"]["field"]) == (422, "cursor")


async def test_an_entity_that_was_never_seen_is_a_404_that_names_the_nearest(get: Any, store: Any) -> None:
    store.homes_of_entities = {}
    store.counts = counts("sensor.power", *(f"light.lamp_{n}" for n in range(20)))
    answer = await get("/api/v1/entities/sensor.powre/history")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")
    assert "sensor.power" in answer.json["error"]["message"]
    assert answer.json["error"]["detail"]["nearest"] == ["sensor.power"]


@pytest.mark.parametrize(
    "target",
    ["entities?", "entities/busiest?", "entities/silent?", "entities/sensor.power/history?", "events?"],
)
async def test_a_home_that_is_not_known_is_a_404_that_names_the_known(get: Any, store: Any, target: str) -> None:
    store.known_homes, store.homes_of_entities = ["cabin", "home"], {"sensor.power": ["cabin"]}
    answer = await get(f"/api/v1/{target}home=lake")
    assert (answer.status, answer.json["error"]["key"]) == (404, "not_found")
    assert "Known: cabin, home." in answer.json["error"]["message"]


@pytest.mark.parametrize("target", ["entities?", "entities/busiest?"])
async def test_entities_of_one_home_alone(get: Any, store: Any, target: str) -> None:
    store.known_homes = ["cabin", "home"]
    store.counts = [EntityCount(home, "sensor.power", 1) for home in store.known_homes]
    body = (await get(f"/api/v1/{target}home=cabin")).json
    assert [entity["home"] for entity in body["entities"]] == ["cabin"]


async def test_windows_come_in_the_documented_shape(get: Any, store: Any) -> None:
    store.windows = [WindowPoint(NS_PER_S, 1.0, 2.0, 3.0, 4, "°F", ("°C",))]
    body = (await get("/api/v1/entities/sensor.power/history?window=1h")).json
    HistoryAnswer.model_validate(body)
    assert body["points"] == [
        {
            "time": "1970-01-01T00:00:01.000000+00:00",
            "min": 1.0,
            "mean": 2.0,
            "max": 3.0,
            "count": 4,
            "unit": "°F",
            "converted_from": ["°C"],
        }
    ]


async def test_default_range_is_the_day_before_the_end(get: Any, store: Any) -> None:
    await get("/api/v1/entities/sensor.power/history?end=2020-01-02T00:00:00Z")
    (question,) = store.asked
    assert question.time_range.end_ns - question.time_range.start_ns == DAY_NS


@pytest.mark.parametrize(
    "entity_id", ["sensor.küche", "a/b", "a b", "a?b#c", "%41", "history", "..", "🙂", "'; --", "*"]
)
async def test_odd_entity_id_reaches_the_store_as_it_is(get: Any, store: Any, entity_id: str) -> None:
    answer = await get(f"/api/v1/entities/{quote(entity_id, safe='')}/history")
    assert answer.status == 200
    assert answer.json["entity_id"] == entity_id
    assert store.asked[0].entity_id == entity_id


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("sensor.power/history?window=1x", "window"),
        ("sensor.power/history?window=1m&start=2020-01-01T00:00:00Z", "window"),
        ("sensor.power/history?limit=0", "limit"),
        ("sensor.power/history?start=soon", "start"),
        ("sensor.power/history?cursor=%C3%A9", "cursor"),
        ("sensor.power/history?entity=x", "entity"),
        ("/history", "entity_id"),
        ("busiest?limit=1001", "limit"),
    ],
)
async def test_wrong_parameter_is_a_422_that_names_it(get: Any, target: str, field: str) -> None:
    answer = await get(f"/api/v1/entities/{target}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, field)


def counts(*names: str) -> list[EntityCount]:
    return [EntityCount("home", name, 100 - n) for n, name in enumerate(names)]


async def test_entities_are_listed_by_name_over_a_period(get: Any, store: Any) -> None:
    store.counts = counts("sensor.power", "light.hall")
    body = (await get("/api/v1/entities?period=30d")).json
    EntitiesAnswer.model_validate(body)
    found = [(each["entity_id"], each["home"], each["domain"], each["count"]) for each in body["entities"]]
    assert found == [("light.hall", "home", "light", 99), ("sensor.power", "home", "sensor", 100)]
    ((time_range, _),) = store.asked
    assert time_range.end_ns - time_range.start_ns == 30 * DAY_NS


async def test_pages_hold_every_entity_once(get: Any, store: Any) -> None:
    store.counts = counts("e.5", "e.2", "e.1", "e.4", "e.3")
    seen, cursor = [], ""
    while cursor is not None:
        page = (await get(f"/api/v1/entities?limit=2&cursor={cursor}")).json
        seen += [entity["entity_id"] for entity in page["entities"]]
        cursor = page["next_cursor"]
    assert seen == ["e.1", "e.2", "e.3", "e.4", "e.5"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("domain=sensor", ["sensor.a", "sensor.b[c]"]),
        ("entity_id=*.a", ["light.a", "sensor.a"]),
        ("entity_id=sensor.b[c]", ["sensor.b[c]"]),
        ("entity_id=*.a&domain=light", ["light.a"]),
        ("domain=sens", []),
    ],
)
async def test_entities_are_found_by_glob_and_domain(get: Any, store: Any, query: str, found: list[str]) -> None:
    store.counts = counts("sensor.b[c]", "sensor.a", "light.a")
    body = (await get(f"/api/v1/entities?{query}")).json
    assert [entity["entity_id"] for entity in body["entities"]] == found


@pytest.mark.parametrize(
    "query", ["period=1", "limit=0", "cursor=nonsense", "cursor=MQ", "domain=%00", "home=%00", "room=x"]
)
async def test_parameters_of_entities_are_validated(get: Any, query: str) -> None:
    answer = await get(f"/api/v1/entities?{query}")
    assert (answer.status, answer.json["error"]["detail"]["field"]) == (422, query.partition("=")[0])


async def test_busiest_come_in_the_documented_shape(get: Any, store: Any) -> None:
    body = (await get("/api/v1/entities/busiest?period=1d&limit=3")).json
    BusiestAnswer.model_validate(body)
    assert body["entities"] == [{"entity_id": "sensor.power", "home": "home", "friendly_name": None, "count": 7}]
    assert store.asked[0][1] == 3


@pytest.mark.parametrize("path", ["busiest", "silent"])
async def test_lists_of_entities_have_their_names(get: Any, store: Any, path: str) -> None:
    store.known = [KnownEntity("home", "sensor.power", 0, "1", False, friendly_name="House power")]
    (entity,) = (await get(f"/api/v1/entities/{path}")).json["entities"]
    assert entity["friendly_name"] == "House power"


async def test_silent_entities_are_listed_by_their_usual_interval(get: Any, store: Any) -> None:
    body = (await get("/api/v1/entities/silent?factor=3&limit=5")).json
    SilentAnswer.model_validate(body)
    (question,) = store.asked
    assert (question.before_ns, question.factor, question.limit) == (None, 3.0, 5)
    (entity,) = body["entities"]
    assert (entity["silent_for_s"], entity["usual_interval_s"], entity["factor"]) == (18000.0, 3600.0, 5.0)


async def test_silent_entities_by_a_fixed_period(get: Any, store: Any) -> None:
    await get("/api/v1/entities/silent?period=1d")
    (question,) = store.asked
    assert question.now_ns - question.before_ns == DAY_NS


@pytest.mark.parametrize("query", ["period=1", "factor=0", "factor=nan", "factor=inf", "limit=0", "older=1d"])
async def test_parameters_of_silent_entities_are_validated(get: Any, query: str) -> None:
    answer = await get(f"/api/v1/entities/silent?{query}")
    assert answer.status == 422
    assert query.split("=")[0] in answer.json["error"]["message"]


KITCHEN = KnownEntity(
    "home",
    "sensor.a",
    NS_PER_S,
    "21.5",
    False,
    unit="°C",
    friendly_name="Küche",
    area="Große Küche",
    floor="Erdgeschoß",
    labels='["Heizung","Wichtig"]',
    device="Thermometer",
    device_class="temperature",
    integration="mqtt",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("area=Gro%C3%9Fe%20K%C3%BCche", ["sensor.a"]),
        ("floor=Erdgescho%C3%9F", ["sensor.a"]),
        ("label=Wichtig", ["sensor.a"]),
        ("device=Thermometer", ["sensor.a"]),
        ("integration=mqtt&domain=sensor", ["sensor.a"]),
        ("integration=mqtt&label=other", []),
        ("label=Wich", []),
        ("q=k%C3%BCche", ["sensor.a"]),
        ("q=THERMO%20gro%C3%9Fe", ["sensor.a"]),
        ("q=sensor%20k%C3%BCche", ["sensor.a"]),
        ("q=light", ["light.a"]),
        ("q=k%C3%BCche%20light", []),
        ("q=.", ["light.a", "sensor.a"]),
        ("q=%20", ["light.a", "sensor.a"]),
        ("q=*", []),
        ("", ["light.a", "sensor.a"]),
    ],
)
async def test_entities_are_found_by_what_is_known_of_them(get: Any, store: Any, query: str, found: list[str]) -> None:
    store.counts, store.known = counts("sensor.a", "light.a"), [KITCHEN]
    body = (await get(f"/api/v1/entities?{query}")).json
    assert [entity["entity_id"] for entity in body["entities"]] == found


async def test_the_list_has_the_total_and_the_filter_choices(get: Any, store: Any) -> None:
    store.counts, store.known = counts("sensor.a", "light.a", "sensor.b"), [KITCHEN]
    body = (await get("/api/v1/entities?domain=sensor&limit=1")).json
    EntitiesAnswer.model_validate(body)
    assert (len(body["entities"]), body["total"]) == (1, 2)
    assert (await get(f"/api/v1/entities?domain=sensor&cursor={body['next_cursor']}")).json["total"] == 2
    assert body["choices"] == {
        "homes": ["home"],
        "domains": ["light", "sensor"],
        "areas": ["Große Küche"],
        "floors": ["Erdgeschoß"],
        "labels": ["Heizung", "Wichtig"],
        "integrations": ["mqtt"],
    }


async def test_an_entity_is_described_by_its_newest_state(get: Any, store: Any) -> None:
    store.known = [KITCHEN]
    answer = await get("/api/v1/entities/sensor.a")
    EntityAnswer.model_validate(answer.json)
    assert answer.json == {
        "entity_id": "sensor.a",
        "home": "home",
        "domain": "sensor",
        "friendly_name": "Küche",
        "area": "Große Küche",
        "floor": "Erdgeschoß",
        "labels": ["Heizung", "Wichtig"],
        "device": "Thermometer",
        "device_class": "temperature",
        "integration": "mqtt",
        "unit": "°C",
        "state": "21.5",
        "last_changed": "1970-01-01T00:00:01.000000+00:00",
    }


async def test_an_unknown_entity_is_a_404(get: Any, store: Any) -> None:
    store.homes_of_entities = {}
    assert (await get("/api/v1/entities/sensor.nope")).status == 404
